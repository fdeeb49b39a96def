import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { afterEach, describe, expect, test, vi } from "vitest";
import { captured } from "../../../test/support/captured.ts";
import { workInOwnFolder } from "../../../test/support/temporary-folder.ts";

workInOwnFolder(() => undefined);

afterEach(() => {
  vi.unstubAllEnvs();
});

describe("zerovm cc without a compiler", () => {
  test.each([
    ["nexe", /^zerovm: There is no gcc; on Debian: apt install gcc newlib-source\n/],
    [
      "wasi",
      // The library is looked for first, and is not in the search path.
      new RegExp(
        "^zerovm: There is no (clang|C library for WASI); on Debian: " +
          "apt install clang lld wasi-libc libclang-rt-dev-wasm32\n",
      ),
    ],
  ])("for %s says what to install", async (target, message) => {
    vi.stubEnv("PATH", "/nowhere");
    writeFileSync("p.c", "int main(void) { return 0; }\n");
    const { status, stdout, stderr } = await captured(["cc", "--target", target, "p.c"]);
    expect([status, stdout]).toEqual([125, ""]);
    expect(stderr).toMatch(message);
    expect(existsSync("a.nexe")).toBe(false);
  });

  test.each([
    [["cc"], "zerovm cc: name a FILE.c"],
    [["cc", "-c", "-o", "x.o", "p.c", "q.c"], "zerovm cc: -o with -c, -S or -E takes one FILE"],
    [["cc", "--target", "arm", "p.c"], "--target is one of nexe, wasi, not 'arm'"],
    [["cc", "-O9", "p.c"], "-O is one of 0, 1, 2, 3, s, g, not '9'"],
    [["cc", "-O", "fast", "p.c"], "-O is one of 0, 1, 2, 3, s, g, not 'fast'"],
    [["cc", "--bare", "--target", "wasi", "p.c"], "--bare is for a nexe"],
    [["cc", "-shared", "p.c"], "there is no -shared here: a program of the sandbox is one file"],
    [
      ["cc", "-pthread", "p.c"],
      "there is no -pthread here: a program of the sandbox has one thread",
    ],
    [["cc", "-pg", "p.c"], "there is no -pg here: "],
    [["cc", "-fPIC", "p.c"], "there is no -fPIC here: nothing else is loaded into the sandbox"],
    [["cc", "-fsplit-stack", "p.c"], "there is no -fsplit-stack here: "],
    [["cc", "-fcf-protection", "p.c"], "there is no -fcf-protection here: "],
    [["cc", "-fsanitize=address", "p.c"], "there is no -fsanitize=address here: its code calls"],
    [["cc", "-m64", "p.c"], "there is no -m64 here: pointers"],
    [["cc", "-lz", "p.c"], "there is no -lz here: a nexe is linked with no library but its own"],
    [["cc", "-Wl,--gc-sections", "p.c"], "a nexe is made without the linker of the system"],
  ])("%s", async (words, message) => {
    const { status, stderr } = await captured(words);
    expect(status).toBe(125);
    expect(stderr).toContain(message);
  });

  test.each([
    ["folder.c", "folder.c is a folder: name its C files"],
    ["missing.c", "Cannot read missing.c: no such file or directory"],
    ["p.cpp", "p.cpp is C++, which zerovm cc does not compile"],
    ["p.h", "p.h is a header: name the C files that include it"],
    ["p.a", "p.a is a static archive: name its sources, or objects of 'zerovm cc -c'"],
    ["p.so.1", "p.so.1 is a shared library: name its sources"],
    ["notes.txt", "notes.txt is no C file: their names end in .c, .i, .o, .s"],
    ["bytes.c", "bytes.c is no text, and so no C file"],
  ])("%s is told in one line", async (name, message) => {
    mkdirSync("folder.c");
    for (const file of ["p.cpp", "p.h", "p.a", "p.so.1", "notes.txt"]) writeFileSync(file, "x\n");
    writeFileSync("bytes.c", Uint8Array.of(105, 110, 116, 0, 1, 2));
    const { status, stderr } = await captured(["cc", name]);
    expect([status, stderr]).toEqual([125, `zerovm: ${message}\n`]);
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

  test("takes the options of build lines, and leaves assembly and plain C where asked", async () => {
    writeFileSync("two.h", "#define TWO 2\n");
    writeFileSync("p.c", "#undef X\nint main(void) { return TWO + sizeof(enum { A }); }\n");
    const options = ["-std=c11", "-static", "-w", "-g3", "-O0", "-O2", "-lm", "-L.", "-UX"];
    const more = ["-include", "two.h", "-fno-strict-aliasing", "-fwrapv", "-Wall", "-pedantic"];
    expect(await bare(...options, ...more, "p.c")).toBe("");
    expect((await captured(["run", "a.nexe"])).status).toBe(6);
    expect(await bare("-S", "-include", "two.h", "p.c")).toBe("");
    expect(readFileSync("p.s", "utf8")).toContain("main:");
    expect(await bare("-o", "q.nexe", "p.s")).toBe("");
    expect((await captured(["run", "q.nexe"])).status).toBe(6);
    const { stdout } = await captured(["cc", "--bare", "-E", "-include", "two.h", "p.c"]);
    expect(stdout).toContain("return 2 + sizeof");
    expect(await bare("-E", "-o", "p.i", "-include", "two.h", "p.c")).toBe("");
    expect(readFileSync("p.i", "utf8")).toBe(stdout);
  });

  test("has the headers of the compiler without a C library, and none of the host", async () => {
    const headers = ["stdint", "limits", "stddef", "stdarg", "stdbool", "float", "immintrin"];
    const included = headers.map((name) => `#include <${name}.h>\n`).join("");
    writeFileSync("p.c", `${included}int main(void) { return INT_MAX > 0 ? sizeof(long) : 0; }\n`);
    expect(await bare("p.c")).toBe("");
    expect((await captured(["run", "a.nexe"])).status).toBe(4);
    const host =
      '#if __has_include(<stdio.h>) || __has_include("sys/epoll.h")\n#error found\n#endif\n';
    writeFileSync("p.c", `${host}int main(void) { return 0; }\n`);
    expect(await bare("p.c")).toBe("");
  });

  test.each([[], ["-w"]])("refuses code on the stack, with %j", async (...options) => {
    const source = `int apply(int (*f)(int), int x);
      int main(void) { int k = 3; int add(int x) { return x + k; } return apply(add, 4); }
      int apply(int (*f)(int), int x) { return f(x); }`;
    writeFileSync("p.c", source);
    const { status, stderr } = await captured(["cc", "--bare", "-O0", ...options, "p.c"]);
    expect(status).toBe(125);
    expect(stderr).toMatch(/gcc made no program|p\.c: a nested function is called by its address/);
    expect(existsSync("a.nexe")).toBe(false);
  });

  test("says what to do about floats of 128 bits", async () => {
    writeFileSync("p.c", "int main(int c, char **v) { _Float128 x = c; return (int)(x * x); }\n");
    expect(await bare("-O0", "p.c")).toMatch(/p\.c, in main: "__\w+" is not defined: .*use double/);
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

const hasClang =
  existsSync("/usr/lib/wasm32-wasi") && spawnSync("clang", ["--version"]).status === 0;

// A module needs clang and its C library.
describe.skipIf(!hasClang)("zerovm cc --target wasi", () => {
  test("divides numbers of 128 bits", async () => {
    writeFileSync(
      "p.c",
      `int main(int count, char **words) {
        __int128 wide = ((__int128)count << 100) + 4, by = 7 * count;
        return (int)(wide % by) + (int)((unsigned __int128)wide % (unsigned __int128)by);
      }`,
    );
    expect((await captured(["cc", "--target", "wasi", "-O0", "p.c"])).stderr).toBe("");
    const rest = Number(((1n << 100n) + 4n) % 7n);
    expect((await captured(["run", "a.wasm"])).status).toBe(2 * rest);
  });

  test("has the headers of its own library, and none of the host", async () => {
    const source = `#include <stdio.h>
      #include <stdint.h>
      #if __has_include(<sys/epoll.h>) || __has_include(<gnu/libc-version.h>) || __has_include(<pty.h>)
      #error found
      #endif
      int main(void) { return 0; }`;
    writeFileSync("p.c", source);
    const { status, stderr } = await captured(["cc", "--target", "wasi", "p.c"]);
    expect([status, stderr]).toEqual([0, ""]);
  });
});
