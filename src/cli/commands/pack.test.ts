import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { describe, expect, test, vi } from "vitest";
import { captured } from "../../../test/support/captured.ts";
import { makeTree, readTree, workInOwnFolder } from "../../../test/support/temporary-folder.ts";
import { packProject } from "../../zerocloud/bundle/index.ts";
import { TEMPLATES } from "../../zerocloud/zapp/index.ts";

workInOwnFolder(() => undefined);

const ZAPP = `meta: {name: app}
execution:
  groups:
    - name: g
      path: file://image:bin/p.wasm
      devices: [{name: stdout}]
bundling: [bin, "*.txt", "ui/**"]
`;

const PROJECT = { "zapp.yaml": ZAPP, "bin/p.wasm": "p", "a.txt": "1", "ui/x/y.js": "2" };

function members(bundle: string): string[] {
  const { stdout } = spawnSync("tar", ["-tvf", bundle], { encoding: "utf8", env: { TZ: "UTC" } });
  return stdout
    .trim()
    .split("\n")
    .map((line) => line.replace(/ +/g, " ").replace(" 1970-01-01 00:00", ""));
}

describe("zerovm new", () => {
  test.each(Object.keys(TEMPLATES))("makes a %s that has no findings", async (template) => {
    const made = await captured(["new", "My App!", "--template", template]);
    expect([made.status, made.stderr]).toEqual([0, ""]);
    expect(made.stdout).toContain("made My App!/zapp.yaml\n");
    expect(readFileSync("My App!/zapp.yaml", "utf8")).toContain('name: "My-App-"');
    const checked = await captured(["check", "My App!/zapp.yaml"]);
    expect(checked.stdout).toBe("My App!/zapp.yaml: zapp, 0 errors, 0 warnings\n");
  });

  test("says what compiling it takes, where that is missing", async () => {
    vi.stubEnv("PATH", "/nowhere");
    const hint =
      /^zerovm pack has to compile it\. There is no clang; on Debian: apt install clang /m;
    for (const template of Object.keys(TEMPLATES)) {
      const { stdout } = await captured(["new", template, "--template", template]);
      expect([template, hint.test(stdout)]).toEqual([template, template !== "python"]);
      const json = ["new", `${template}2`, "--template", template, "--json"];
      const told: unknown = JSON.parse((await captured(json)).stdout);
      if (template === "python") expect(told).not.toHaveProperty("missing");
      else expect(told).toHaveProperty("missing", expect.stringMatching(/^There is no clang; /));
    }
    vi.unstubAllEnvs();
  });

  test("makes all or nothing", async () => {
    makeTree(".", { "app/src/hello.c": "mine" });
    const { status, stderr } = await captured(["new", "app"]);
    expect([status, stderr]).toEqual([
      125,
      "zerovm: app/src/hello.c is there already; nothing was made\n",
    ]);
    expect(readTree(".")).toEqual({ "app/": "", "app/src/": "", "app/src/hello.c": "mine" });
  });
});

test("zerovm new without a name wants an empty folder, and takes it", async () => {
  expect((await captured(["new"])).stdout).toContain("made zapp.yaml\n");
  const before = readTree(".");
  const again = await captured(["new"]);
  expect([again.status, again.stderr]).toEqual([
    125,
    "zerovm new: the current folder is not empty: name a DIR to be made, or '.' for this folder " +
      "all the same\n",
  ]);
  expect(readTree(".")).toEqual(before);
});

describe("zerovm pack", () => {
  test("tells how far it is", async () => {
    makeTree(".", PROJECT);
    const told: (readonly number[])[] = [];
    await packProject(".", { onProgress: (...progress) => told.push(progress) });
    expect(told).toEqual([
      [0, 3, 1],
      [1, 3, 1],
      [1, 3, 2],
      [2, 3, 2],
      [2, 3, 3],
      [3, 3, 3],
    ]);
  });

  test("packs the job, the description and what the patterns name, in order", async () => {
    makeTree(".", { ...PROJECT, "ui/.hidden": "", "b.md": "", "bin/link": "-> ../a.txt" });
    const { status, stdout, stderr } = await captured(["pack"]);
    expect([status, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(/app\.zapp: 6 members, 10240 bytes\n$/);
    expect(members("app.zapp")).toEqual([
      expect.stringMatching(/^-rw-r--r-- 0\/0 \d+ boot\/system\.map$/),
      expect.stringMatching(/^-rw-r--r-- 0\/0 \d+ zapp\.yaml$/),
      "-rw-r--r-- 0/0 1 a.txt",
      "lrwxrwxrwx 0/0 0 bin/link -> ../a.txt",
      "-rw-r--r-- 0/0 1 bin/p.wasm",
      "-rw-r--r-- 0/0 1 ui/x/y.js",
    ]);
    const job = spawnSync("tar", ["-xOf", "app.zapp", "boot/system.map"]).stdout;
    writeFileSync("job.json", job);
    expect(await captured(["check", "job.json"])).toMatchObject({ status: 0, stderr: "" });
  });

  test("the same files give the same bytes, whenever and wherever", async () => {
    makeTree("one", PROJECT);
    makeTree("other/deeper", Object.fromEntries(Object.entries(PROJECT).reverse()));
    utimesSync("one/a.txt", 1, 1);
    for (const folder of ["one", "other/deeper/ui/x", "one"]) {
      expect(await captured(["pack", folder])).toMatchObject({ status: 0 });
    }
    expect(readFileSync("one/app.zapp").equals(readFileSync("other/deeper/app.zapp"))).toBe(true);
  });

  test("leaves itself out, also under another name", async () => {
    makeTree(".", PROJECT);
    await captured(["pack", "-o", "ui/old.zapp"]);
    const { stdout } = await captured(["pack", "-o", "ui/old.zapp", "--json"]);
    expect(JSON.parse(stdout)).toMatchObject({
      path: "ui/old.zapp",
      members: ["boot/system.map", "zapp.yaml", "a.txt", "bin/p.wasm", "ui/x/y.js"],
      findings: [],
    });
  });

  test.each([
    [
      "a link that leads out",
      { "ui/out": "-> ../../x" },
      /takes in ui\/out: it is a link that leads out/,
    ],
    [
      "an absolute link",
      { "ui/out": "-> /etc/passwd" },
      /leads out of the bundle, to \/etc\/passwd/,
    ],
    ["a program that is not packed", { "zapp.yaml": ZAPP.replace("[bin, ", "[") }, /not packed/],
    ["patterns of nothing", { "zapp.yaml": ZAPP.replace(/\[bin.*/, "[x]") }, /match nothing/],
    ["an error in the YAML", { "zapp.yaml": "meta: 1\n" }, /zapp\.yaml:1:7: error: meta is 1/],
  ])("refuses %s and leaves nothing behind", async (_name, tree, expected) => {
    makeTree(".", PROJECT);
    makeTree(".", tree);
    const { status, stdout, stderr } = await captured(["pack"]);
    expect([status, stdout]).toEqual([1, ""]);
    expect(stderr).toMatch(expected);
    expect(readdirSync(".").filter((name) => name.startsWith("app"))).toEqual([]);
  });

  test("never follows a link to a folder", async () => {
    makeTree(".", { ...PROJECT, "elsewhere/secret.txt": "s", "ui/in": "-> ../elsewhere" });
    await captured(["pack"]);
    expect(members("app.zapp").filter((line) => line.includes("secret"))).toEqual([]);
  });

  test("says where a project is missing", async () => {
    const { status, stderr } = await captured(["pack"]);
    expect(status).toBe(125);
    expect(stderr).toContain("There is no zapp.yaml in . or a folder above it");
  });

  test("does not take the project above for a folder that is missing", async () => {
    makeTree(".", PROJECT);
    expect(await captured(["pack", "none"])).toMatchObject({
      status: 125,
      stdout: "",
      stderr: "zerovm: none: no such folder\n",
    });
    expect(readdirSync(".")).not.toContain("app.zapp");
  });

  const hasClang = spawnSync("clang", ["--version"]).status === 0;
  // Compiling needs clang and wasi-libc, which `zerovm cc` needs as well.
  test.skipIf(!hasClang)(
    "compiles what is older than its sources, and what it makes runs",
    async () => {
      await captured(["new", "app"]);
      const first = await captured(["pack", "app"]);
      expect([first.status, first.stderr]).toEqual([0, "zerovm: compiling bin/hello.wasm\n"]);
      const bytes = readFileSync("app/app.zapp");
      expect((await captured(["pack", "app"])).stderr).toBe("");
      utimesSync("app/src/hello.c", new Date(), new Date(Date.now() + 60_000));
      expect((await captured(["pack", "app"])).stderr).toBe("zerovm: compiling bin/hello.wasm\n");
      expect(readFileSync("app/app.zapp").equals(bytes)).toBe(true);
    },
  );
});

describe("zerovm runtime image", () => {
  test("is a tar with the program under the name of the runtime", async () => {
    const made = await captured(["runtime", "image", "python", "-o", "image.tar", "--json"]);
    const told: unknown = JSON.parse(made.stdout);
    expect(told).toMatchObject({ path: "image.tar", program: "python" });
    expect(members("image.tar")).toEqual([expect.stringMatching(/^-rwxr-xr-x 0\/0 \d+ python$/)]);
  });

  test("is not made where one program is not all, or there is none", async () => {
    const said = async (name: string) => (await captured(["runtime", "image", name])).stderr;
    expect(await said("ruby")).toContain("ruby has archives of its own");
    expect(await said("none")).toContain("There is no runtime none");
    expect(readTree(".")).toEqual({});
  });
});
