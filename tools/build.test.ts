import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { buildBundles } from "./build.ts";

const SOURCES = {
  "src/cli/main.ts": 'import("./heavy.ts").then((heavy) => console.log(heavy.answer));\n',
  "src/cli/heavy.ts": "export const answer: number = 42;\n",
  "src/cli/main-run.ts": 'import { answer } from "./heavy.ts";\nconsole.log("run", answer);\n',
  "src/cli/main-client.ts": 'console.log("client");\n',
  "src/cli/main-host.ts": 'console.log("host");\n',
  "src/zerovm/cell/ahead.ts": 'console.log("ahead");\n',
  "src/zerovm/doctor/probe.ts": 'console.log("probe");\n',
  "src/zerovm/cell/main.ts": 'import { sep } from "node:path";\nconsole.log("cell" + sep);\n',
  "src/zerovm/program/nexe-tools.ts": 'console.log("nexe");\n',
  "src/zerocloud/run/program-thread.ts": 'console.log("program");\n',
  "src/index.ts": "export const library: string = 'yes';\n",
};

let root = "";

function write(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

function output(file: string): string {
  return spawnSync(process.execPath, [join(root, file)], { encoding: "utf8" }).stdout;
}

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "build-test-"));
  write("package.json", '{ "type": "module" }\n');
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

describe("buildBundles", () => {
  it("makes programs that run, those that must start soon as bundles of their own", async () => {
    for (const [path, text] of Object.entries(SOURCES)) write(path, text);
    await buildBundles(root, { tolerant: false, ifStale: false });
    expect(output("dist/cli.cjs")).toBe("42\n");
    expect(output("dist/cli-run.cjs")).toBe("run 42\n");
    expect(output("dist/ahead.cjs")).toBe("ahead\n");
    expect(output("dist/cell.cjs")).toBe("cell/\n");
    const { library } = await import(join(root, "dist/index.js"));
    expect(library).toBe("yes");
  });

  it("builds again only after a change, and removes what an earlier build left", async () => {
    for (const [path, text] of Object.entries(SOURCES)) write(path, text);
    const request = { tolerant: false, ifStale: true } as const;
    expect(await buildBundles(root, request)).toContain("built dist/cli (");
    expect(await buildBundles(root, request)).toBe("dist is up to date");
    write("dist/old.js", "");
    write("src/cli/heavy.ts", "export const answer: number = 43;\n");
    expect(await buildBundles(root, request)).toContain("built dist/cli (");
    expect(output("dist/cli.cjs")).toBe("43\n");
    expect(existsSync(join(root, "dist/old.js"))).toBe(false);
  });

  it("names every entry that does not exist", async () => {
    write("src/index.ts", SOURCES["src/index.ts"]);
    const failing = buildBundles(root, { tolerant: false, ifStale: false });
    await expect(failing).rejects.toThrow(
      /there is no src\/cli\/main.ts, src\/cli\/main-run.ts, .*cell\/main.ts/,
    );
    expect(existsSync(join(root, "dist"))).toBe(false);
    const told = await buildBundles(root, { tolerant: true, ifStale: true });
    expect(told).toMatch(
      /^built NOT dist\/cli, .*NOT dist\/nexe, NOT dist\/program, dist\/index \(\d+ KiB\)$/,
    );
    expect(existsSync(join(root, "dist/index.js"))).toBe(true);
    expect(await buildBundles(root, { tolerant: true, ifStale: true })).toBe(told);
  });

  it("refuses a package that would be bundled unnoticed", async () => {
    for (const [path, text] of Object.entries(SOURCES)) write(path, text);
    write("node_modules/left/package.json", '{ "name": "left", "main": "left.js" }');
    write("node_modules/left/left.js", "exports.pad = 1;");
    write("src/index.ts", 'export { pad } from "left";\n');
    const failing = buildBundles(root, { tolerant: false, ifStale: false });
    await expect(failing).rejects.toThrow("it takes in node_modules/left/left.js");
  });

  it("refuses what the bundler warns about", async () => {
    for (const [path, text] of Object.entries(SOURCES)) write(path, text);
    write("src/zerovm/cell/main.ts", "console.log(import.meta.url);\n");
    const failing = buildBundles(root, { tolerant: false, ifStale: false });
    await expect(failing).rejects.toThrow("import.meta");
  });
});

describe("what nobody uses", () => {
  it("stays out of a bundle, also where an index names it", async () => {
    for (const [path, text] of Object.entries(SOURCES)) write(path, text);
    write("src/base/big.ts", 'export const big = ["a large table"].map((text) => text);\n');
    write("src/base/small.ts", 'export const small = "small";\n');
    write(
      "src/base/index.ts",
      'export { big } from "./big.ts";\nexport { small } from "./small.ts";\n',
    );
    write(
      "src/cli/main-run.ts",
      'import { small } from "../base/index.ts";\nconsole.log(small);\n',
    );
    await buildBundles(root, { tolerant: false, ifStale: false });
    expect(output("dist/cli-run.cjs")).toBe("small\n");
    expect(readFileSync(join(root, "dist/cli-run.cjs"), "utf8")).not.toContain("a large table");
  });
});
