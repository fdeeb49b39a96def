import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { afterEach, describe, expect, test, vi } from "vitest";
import { captured } from "../../../test/support/captured.ts";
import { workInOwnFolder } from "../../../test/support/temporary-folder.ts";

workInOwnFolder(() => undefined);

afterEach(() => {
  vi.unstubAllEnvs();
});

describe("zerovm cc without a compiler", () => {
  test.each([
    ["nexe", "zerovm: There is no gcc; on Debian: apt install gcc newlib-source\n"],
    [
      "wasi",
      "zerovm: There is no clang; on Debian: " +
        "apt install clang lld wasi-libc libclang-rt-dev-wasm32\n",
    ],
  ])("for %s says what to install", async (target, message) => {
    vi.stubEnv("PATH", "/nowhere");
    writeFileSync("p.c", "int main(void) { return 0; }\n");
    const { status, stdout, stderr } = await captured(["cc", "--target", target, "p.c"]);
    expect([status, stdout]).toEqual([125, ""]);
    expect(stderr.startsWith(message)).toBe(true);
    expect(existsSync("a.nexe")).toBe(false);
  });

  test.each([
    [["cc"], "zerovm cc: name a FILE.c"],
    [["cc", "-c", "-o", "x.o", "p.c", "q.c"], "zerovm cc: -o with -c takes one FILE"],
    [["cc", "--target", "arm", "p.c"], "--target is one of nexe, wasi, not 'arm'"],
  ])("%s", async (words, message) => {
    const { status, stderr } = await captured(words);
    expect(status).toBe(125);
    expect(stderr).toContain(message);
  });
});

const hasGcc = spawnSync("gcc", ["--version"]).status === 0;

// Nothing of it can be tried without the compiler.
describe.skipIf(!hasGcc)("zerovm cc", () => {
  const bare = async (...argv: string[]): Promise<string> =>
    (await captured(["cc", "--bare", ...argv])).stderr;

  test("makes objects, and a program of them", async () => {
    writeFileSync("main.c", "int twice(int);\nint main(void) { return twice(21); }\n");
    writeFileSync(
      "twice.c",
      "int twice(int x) { for (int i = 0; i < 1; i++) x *= 2; return x; }\n",
    );
    expect(await bare("-c", "-std=c99", "-g", "main.c", "twice.c")).toBe("");
    expect(readdirSync(".").filter((name) => /\.(o|nexe)$/.test(name))).toEqual([
      "main.o",
      "twice.o",
    ]);
    expect(await bare("-o", "p.nexe", "main.o", "twice.o")).toBe("");
    expect((await captured(["run", "p.nexe"])).status).toBe(42);
    expect(await bare("main.o")).toContain('main.o, in main: "twice" is not defined');
  });

  test("runs constructors before main and destructors behind it", async () => {
    const source = `static int x;
      __attribute__((constructor)) static void last(void) { x = 2 * x + 1; }
      __attribute__((constructor(200))) static void first(void) { x = 5; }
      int main(void) { return x; }`;
    writeFileSync("p.c", source);
    expect(await bare("p.c")).toBe("");
    expect((await captured(["run", "a.nexe"])).status).toBe(11);
  });

  test.each(["-O0", "-O1", "-O2", "-Os"])(
    "runs a constructor behind all else, at %s",
    async (level) => {
      const source = `static int counter;
      __attribute__((noipa)) int of(void);
      int main(void) { return of(); }
      int of(void) { return counter; }
      __attribute__((constructor)) static void init(void) { counter += 2; }`;
      writeFileSync("p.c", source);
      expect(await bare(level, "p.c")).toBe("");
      expect((await captured(["run", "a.nexe"])).status).toBe(2);
    },
  );

  test("names a file by all its characters, also through its object", async () => {
    // Of the second, the lower half of each code is a line feed.
    for (const name of ["日本.c", "\u010a\u010a.c"]) {
      writeFileSync(name, 'int main(void) {\n  asm("movl $0, %r15d");\n  return 0;\n}\n');
      const message = `${name}:2, in main: error - %r15 is changed`;
      expect(await bare(name)).toContain(message);
      expect(await bare("-c", "-o", "p.o", name)).toBe("");
      expect(await bare("p.o")).toContain(message);
    }
  });

  test("tells inline assembly that is not accepted by its line", async () => {
    writeFileSync("p.c", 'int main(void) {\n  asm volatile("movl $0, %r15d");\n  return 0;\n}\n');
    expect(await bare("p.c")).toContain("p.c:2, in main: error - %r15 is changed");
    writeFileSync("other.o", "\x7fELF");
    expect(await bare("other.o")).toContain("other.o is no object of zerovm cc");
  });
});
