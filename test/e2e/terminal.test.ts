import { spawnSync } from "node:child_process";
import { beforeEach, describe, expect, test } from "vitest";
import { ZEROVM } from "../support/command-line.ts";
import { writingGuest } from "../support/guests.ts";
import { Shell } from "../support/shell.ts";
import { temporaryFolders } from "../support/temporary-folder.ts";

const newFolder = temporaryFolders();
let shell: Shell;

beforeEach(() => {
  shell = new Shell(newFolder());
});

describe("on a terminal", () => {
  const hasScript = spawnSync("script", ["--version"]).status === 0;

  test("an interactive session sees what is typed, and knows the terminal", async ({ skip }) => {
    if (!hasScript) skip("there is no script(1) to make a terminal with");
    const code =
      "import sys; print(sys.stdin.isatty(), sys.stdout.isatty()); print(input(), input())";
    shell.put("code.py", code);
    const line = (options: string) =>
      `script -qec "$NODE $ZEROVM run ${options} python code.py" /dev/null`;
    const typed = await shell.run(line("-i"), "hello\nworld\n");
    expect(typed.stdout).toContain("True True\r\nhello world");
    const hint =
      "zerovm: hint: the guest read from the terminal and was not told that it is one: -i";
    expect(typed.stdout).not.toContain("hint");
    const plain = await shell.run(line(""), "hello\nworld\n");
    expect(plain.stdout).toContain("False False\r\nhello world");
    expect(plain.stdout.split(hint)).toHaveLength(2);
    shell.put("p.wasm", writingGuest("x"));
    const unread = await shell.run(`script -qec "$NODE $ZEROVM run p.wasm" /dev/null`);
    expect(unread.stdout).not.toContain("hint");
    const piped = await shell.run(
      `script -qec "$NODE $ZEROVM run python code.py | cat" /dev/null`,
      "a\nb\n",
    );
    expect(piped.stdout).not.toContain("hint");
  });

  test("the interpreter talks, line by line", async ({ skip }) => {
    if (!hasScript) skip("there is no script(1) to make a terminal with");
    const { child, end } = shell.start("script", [
      "-qec",
      `"${process.execPath}" "${ZEROVM}" run -i python`,
      "/dev/null",
    ]);
    let seen = "";
    const until = async (text: string) => {
      await expect.poll(() => seen, { timeout: 20_000, interval: 50 }).toContain(text);
    };
    child.stdout?.on("data", (chunk: Buffer) => {
      seen += chunk.toString();
    });
    await until(">>> ");
    child.stdin?.write("6*7\n");
    await until("42");
    child.stdin?.write("\x04");
    child.stdin?.end();
    await end;
  });

  test("-i without a terminal is no error, and the guest is not fooled", async () => {
    const { status, stdout } = await shell.run(
      `zerovm run -i python -c 'import sys; print(sys.stdin.isatty())'`,
    );
    expect([status, stdout]).toEqual([0, "False\n"]);
  });
});
