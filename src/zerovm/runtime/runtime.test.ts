import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { moduleOf } from "../../../test/support/wat.ts";
import { ZvmError } from "../../base/index.ts";
import { PREVIEW1_SIGNATURES, UNSTABLE_SIGNATURES } from "../../zrt/wasi/signatures.ts";
import { closeProgram, loadProgram } from "../program/index.ts";
import { BUILTIN_RUNTIMES } from "./builtin-runtimes.ts";
import { addRuntime, removeRuntime } from "./change-runtimes.ts";
import type { RunNpm } from "./fetch-package.ts";
import type { NewRuntime, RuntimeOptions } from "./options.ts";
import { findRuntime, listRuntimes, resolveRuntime } from "./resolve-runtime.ts";

const MODULE = moduleOf('(module (memory (export "memory") 1) (func (export "_start")))');
const SHA256 = createHash("sha256").update(MODULE).digest("hex");
const TOOL: NewRuntime = { name: "tool", package: "@me/tool@1.2.3", file: "gen/tool.wasm" };

let folder = "";
let options: RuntimeOptions = {};
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "zerovm-runtime-"));
  const project = join(folder, "project", "deep");
  mkdirSync(project, { recursive: true });
  options = {
    cwd: project,
    ownFolder: join(folder, "own"),
    env: { ZEROVM_CACHE: join(folder, "cache"), XDG_CONFIG_HOME: join(folder, "config") },
    runNpm: () => Promise.reject(new Error("npm must not run")),
  };
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Puts a package where npm would. */
function install(prefix: string, version = "1.2.3", program: Uint8Array | string = MODULE): string {
  const place = join(prefix, "node_modules", "@me", "tool");
  mkdirSync(join(place, "gen"), { recursive: true });
  writeFileSync(join(place, "package.json"), JSON.stringify({ name: "@me/tool", version }));
  writeFileSync(join(place, "gen", "tool.wasm"), program);
  writeFileSync(join(place, "root.tar"), "tar");
  return place;
}

/** An npm that installs the package into its prefix, and what it was called with. */
function fakeNpm(calls: (readonly string[])[] = []): RunNpm {
  return (args, { cwd }) => {
    calls.push(args);
    install(cwd);
    return Promise.resolve({ status: 0, errors: "" });
  };
}

async function errorOf(promise: Promise<unknown>): Promise<ZvmError> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof ZvmError) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}

describe("the built-in runtimes", () => {
  const here = { cwd: import.meta.dirname, env: {} };

  test.each(BUILTIN_RUNTIMES.map((it) => it.name))("%s is verified and accepted", async (name) => {
    const found = await resolveRuntime(name, here);
    expect(found?.entry.name).toBe(name);
    const program = loadProgram(found?.program ?? "", {
      memoryBytes: 2 ** 32,
      tableElements: 10_000_000,
      hostImports: new Map([
        ["wasi_snapshot_preview1", new Set(Object.keys(PREVIEW1_SIGNATURES))],
        ["wasi_unstable", new Set(Object.keys(UNSTABLE_SIGNATURES))],
      ]),
      signatures: new Map([
        ["wasi_snapshot_preview1", PREVIEW1_SIGNATURES],
        ["wasi_unstable", UNSTABLE_SIGNATURES],
      ]),
    });
    closeProgram(program);
    for (const image of found?.images ?? []) expect(existsSync(image.path)).toBe(true);
  });

  test("each has a name, a program name and a hash of its own", () => {
    expect(new Set(BUILTIN_RUNTIMES.map((it) => it.name)).size).toBe(BUILTIN_RUNTIMES.length);
    expect(new Set(BUILTIN_RUNTIMES.map((it) => it.sha256)).size).toBe(BUILTIN_RUNTIMES.length);
    for (const it of BUILTIN_RUNTIMES) expect(it.args[0]).toBeTruthy();
  });

  test("are listed with the place where they are", () => {
    const python = listRuntimes(here).find((it) => it.entry.name === "python");
    expect(python).toMatchObject({ origin: "builtin" });
    expect(python?.path).toMatch(/node_modules\/@runno\/sandbox\/dist\/langs\/python/);
    const away = listRuntimes(options).find((it) => it.entry.name === "python");
    expect(away).not.toHaveProperty("path");
  });

  test("other names are none", async () => {
    expect(findRuntime("cobol", options)).toBeUndefined();
    expect(await resolveRuntime("cobol", options)).toBeUndefined();
    expect(findRuntime("__proto__", options)).toBeUndefined();
  });
});

describe("addRuntime() and resolveRuntime()", () => {
  test("find the package in a folder above, take its hash, keep what it needs", async () => {
    const place = install(join(folder, "project"));
    const entry = await addRuntime(
      {
        ...TOOL,
        args: ["tool", "-q"],
        env: { A: "b" },
        images: [{ file: "root.tar", mountpoint: "/usr" }],
      },
      options,
    );
    expect(entry).toMatchObject({ sha256: SHA256, packageName: "@me/tool", version: "1.2.3" });
    expect(await resolveRuntime("tool", options)).toEqual({
      entry,
      program: join(place, "gen", "tool.wasm"),
      images: [{ path: join(place, "root.tar"), mountpoint: "/usr" }],
      args: ["tool", "-q"],
      env: { A: "b" },
    });
    expect(listRuntimes(options).at(-1)).toMatchObject({ origin: "user", entry: { name: "tool" } });
  });

  test("fetch through npm once, after saying so, without scripts", async () => {
    const calls: (readonly string[])[] = [];
    const messages: string[] = [];
    const fetching = {
      ...options,
      runNpm: fakeNpm(calls),
      onFetch: (message: string) => {
        expect(calls).toEqual([]);
        messages.push(message);
      },
    };
    await addRuntime(TOOL, fetching);
    const found = await resolveRuntime("tool", options);
    expect(found?.program).toBe(
      join(folder, "cache/packages/@me+tool@1.2.3/node_modules/@me/tool/gen/tool.wasm"),
    );
    expect(messages).toEqual([expect.stringContaining("Fetching @me/tool@1.2.3 through npm into")]);
    expect(calls).toHaveLength(1);
    expect(calls[0]).toEqual(
      expect.arrayContaining(["install", "@me/tool@1.2.3", "--ignore-scripts"]),
    );
    expect(readdirSync(join(folder, "cache/packages"))).toEqual(["@me+tool@1.2.3"]);
  });

  test("another process that was faster is no error", async () => {
    const racing: RunNpm = async (args, run) => {
      install(join(folder, "cache/packages/@me+tool@1.2.3"));
      return fakeNpm()(args, run);
    };
    await addRuntime(TOOL, { ...options, runNpm: racing });
    expect(await resolveRuntime("tool", options)).toBeDefined();
  });

  test("another version that is installed is passed over", async () => {
    install(join(folder, "project"), "1.2.4");
    install(join(folder, "own"), "1.2.3");
    await addRuntime(TOOL, options);
    const found = await resolveRuntime("tool", options);
    expect(found?.program).toContain(join(folder, "own"));
  });

  test("what has another hash never runs, and both are named", async () => {
    const place = install(join(folder, "project"));
    await addRuntime(TOOL, options);
    const changed = Uint8Array.from([...MODULE, 0, 1, 0]);
    writeFileSync(join(place, "gen", "tool.wasm"), changed);
    const error = await errorOf(resolveRuntime("tool", options));
    expect(error.code).toBe("ZVM_RUNTIME");
    expect(error.message).toContain(SHA256);
    expect(error.message).toContain(createHash("sha256").update(changed).digest("hex"));
  });

  test("an image of another hash is refused as well", async () => {
    const place = install(join(folder, "project"));
    await addRuntime({ ...TOOL, images: [{ file: "root.tar", mountpoint: "/" }] }, options);
    writeFileSync(join(place, "root.tar"), "other");
    expect((await errorOf(resolveRuntime("tool", options))).message).toContain(
      "root.tar has SHA-256",
    );
  });

  test("a package that lost its file is an error", async () => {
    const place = install(join(folder, "project"));
    await addRuntime(TOOL, options);
    rmSync(join(place, "gen"), { recursive: true });
    expect((await errorOf(resolveRuntime("tool", options))).message).toMatch(
      /has no gen\/tool\.wasm/,
    );
  });

  test("a second add changes the entry, remove ends it", async () => {
    install(join(folder, "project"));
    await addRuntime(TOOL, options);
    await addRuntime({ ...TOOL, name: "other" }, options);
    await addRuntime({ ...TOOL, summary: "second" }, options);
    expect(findRuntime("tool", options)?.summary).toBe("second");
    removeRuntime("tool", options);
    expect(findRuntime("tool", options)).toBeUndefined();
    expect(findRuntime("other", options)).toBeDefined();
    expect(() => removeRuntime("tool", options)).toThrow(/There is no runtime tool/);
    expect(() => removeRuntime("python", options)).toThrow(/built in and stays/);
  });
});

describe("addRuntime() refuses", () => {
  const cases: readonly [text: string, wanted: Partial<NewRuntime>, message: RegExp][] = [
    ["a name like a path", { name: "../x" }, /cannot name a runtime/],
    ["a name like a file", { name: "x.wasm" }, /cannot name a runtime/],
    ["a built-in name", { name: "python" }, /built in/],
    ["no version", { package: "@me/tool" }, /no package with an exact version/],
    ["a range", { package: "@me/tool@^1.2.3" }, /no package with an exact version/],
    ["a package like an option", { package: "--global@1.2.3" }, /no package with an exact version/],
    ["a url", { package: "https://a/b@1.2.3" }, /no package with an exact version/],
    ["a file outside", { file: "../../x.wasm" }, /no path inside the package/],
    ["an absolute file", { file: "/etc/passwd" }, /no path inside the package/],
    ["an image outside", { images: [{ file: "..", mountpoint: "/" }] }, /no path inside/],
    ["a relative mount point", { images: [{ file: "a", mountpoint: "b" }] }, /begin with \//],
    ["a file that is not there", { file: "no.wasm" }, /has no file no\.wasm/],
    ["a file that is no module", { file: "package.json" }, /expected a WebAssembly module/],
  ];
  test.each(cases)("%s", async (_text, wanted, message) => {
    install(join(folder, "project"));
    const error = await errorOf(addRuntime({ ...TOOL, ...wanted }, options));
    expect(error.message).toMatch(message);
    expect(listRuntimes(options)).toHaveLength(BUILTIN_RUNTIMES.length);
  });
});

describe("fetching fails in order", () => {
  test("when npm fails, with its own words, and leaves nothing", async () => {
    const runNpm: RunNpm = () =>
      Promise.resolve({ status: 1, errors: "npm error 404 \u001b[31mNot Found\nsecond\n" });
    const error = await errorOf(addRuntime(TOOL, { ...options, runNpm }));
    expect(error.code).toBe("ZVM_RUNTIME");
    expect(error.message).toContain("npm ended with status 1\n  npm error 404 \\x1b[31mNot Found");
    expect(readdirSync(join(folder, "cache/packages"))).toEqual([]);
  });

  test("when npm installs something else", async () => {
    const runNpm: RunNpm = (_args, { cwd }) => {
      install(cwd, "9.9.9");
      return Promise.resolve({ status: 0, errors: "" });
    };
    const error = await errorOf(addRuntime(TOOL, { ...options, runNpm }));
    expect(error.message).toMatch(/npm installed no @me\/tool@1\.2\.3/);
  });

  test("when there is no cache, or none that can be written", async () => {
    const env = { XDG_CONFIG_HOME: join(folder, "config"), ZEROVM_CACHE: "relative" };
    expect((await errorOf(addRuntime(TOOL, { ...options, env }))).message).toMatch(
      /no cache folder/,
    );
    writeFileSync(join(folder, "cache"), "a file");
    expect((await errorOf(addRuntime(TOOL, options))).message).toMatch(/cannot be written/);
  });

  test("when there is no npm", async () => {
    const { runNpm: _, ...rest } = options;
    const path = process.env["PATH"];
    process.env["PATH"] = "/nowhere";
    try {
      expect((await errorOf(addRuntime(TOOL, rest))).message).toMatch(/Cannot run npm/);
    } finally {
      process.env["PATH"] = path;
    }
  });

  test("when npm ends with an error of its own", async () => {
    const { runNpm: _, ...rest } = options;
    const bin = join(folder, "bin");
    mkdirSync(bin);
    writeFileSync(join(bin, "npm"), "#!/bin/sh\necho no network >&2\nexit 7\n", { mode: 0o755 });
    const path = process.env["PATH"];
    process.env["PATH"] = `${bin}:/bin:/usr/bin`;
    try {
      const { message } = await errorOf(addRuntime(TOOL, rest));
      expect(message).toContain("npm ended with status 7\n  no network");
    } finally {
      process.env["PATH"] = path;
    }
  });
});

describe("the user's table", () => {
  const GOOD = { packageName: "p", version: "1.0.0", file: "f.wasm", sha256: SHA256 };

  function writeTable(text: string): void {
    mkdirSync(join(folder, "config/zerovm"), { recursive: true });
    writeFileSync(join(folder, "config/zerovm/runtimes.json"), text);
  }

  test("may be written by hand", () => {
    writeTable(JSON.stringify({ format: 1, runtimes: { mine: GOOD } }));
    expect(findRuntime("mine", options)).toEqual({
      ...GOOD,
      name: "mine",
      summary: "",
      args: ["mine"],
      env: {},
      images: [],
    });
  });

  const broken: readonly [text: string, entry: unknown, message: RegExp][] = [
    ["no object", 5, /mine is no object/],
    ["no package", { ...GOOD, packageName: "a b" }, /no package name/],
    ["a range", { ...GOOD, version: "*" }, /no exact version/],
    ["a file outside", { ...GOOD, file: "../x" }, /no file in its package/],
    ["half a hash", { ...GOOD, sha256: "ab" }, /no sha256/],
    ["a strange summary", { ...GOOD, summary: 1 }, /summary/],
    ["no args", { ...GOOD, args: [] }, /args of mine/],
    ["strange env", { ...GOOD, env: { A: 1 } }, /env of mine/],
    ["strange images", { ...GOOD, images: [{}] }, /images of mine/],
  ];
  test.each(broken)("is refused with %s", (_text, entry, message) => {
    writeTable(JSON.stringify({ format: 1, runtimes: { mine: entry } }));
    expect(() => findRuntime("mine", options)).toThrow(message);
  });

  test.each([
    ["{", /runtimes\.json is damaged/],
    ["5", /expected \{"format": 1/],
    ['{"format":2,"runtimes":{}}', /expected \{"format": 1/],
    ['{"format":1,"runtimes":{"../x":{}}}', /name "\.\.\/x" is not possible/],
  ])("is refused as %s", (text, message) => {
    writeTable(text);
    expect(() => listRuntimes(options)).toThrow(message);
    expect(findRuntime("python", options)).toBeDefined();
  });

  test("that cannot be read or written is an error of the file", async () => {
    install(join(folder, "project"));
    mkdirSync(join(folder, "config/zerovm/runtimes.json"), { recursive: true });
    expect((await errorOf(addRuntime(TOOL, options))).code).toBe("ZVM_FILE");
    rmSync(join(folder, "config"), { recursive: true });
    writeFileSync(join(folder, "config"), "a file");
    expect(await errorOf(addRuntime(TOOL, options))).toMatchObject({
      code: "ZVM_FILE",
      message: `Cannot write the settings in ${join(folder, "config/zerovm")}: not a directory`,
    });
  });

  test("is written for people to read", async () => {
    install(join(folder, "project"));
    await addRuntime(TOOL, options);
    const text = readFileSync(join(folder, "config/zerovm/runtimes.json"), "utf8");
    expect(text).toMatch(/^\{\n {2}"format": 1,\n {2}"runtimes": \{\n {4}"tool": \{/);
  });
});
