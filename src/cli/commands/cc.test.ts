import { existsSync, writeFileSync } from "node:fs";
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
    [["cc", "--target", "arm", "p.c"], "--target is one of nexe, wasi, not 'arm'"],
  ])("%s", async (words, message) => {
    const { status, stderr } = await captured(words);
    expect(status).toBe(125);
    expect(stderr).toContain(message);
  });
});
