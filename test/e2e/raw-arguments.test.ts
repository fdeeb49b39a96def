import { beforeEach, expect, test } from "vitest";
import { COPYING_GUEST } from "../support/guests.ts";
import { Shell } from "../support/shell.ts";
import { temporaryFolders } from "../support/temporary-folder.ts";

const newFolder = temporaryFolders();
let shell: Shell;

beforeEach(() => {
  shell = new Shell(newFolder());
});

test.each([
  ["an argument", "zerovm run p.wasm ok $'a\\xff'", "Argument 4, $'a\\xff', is not UTF-8"],
  ["--env", "zerovm run -e $'A=\\xc3' p.wasm", "Argument 3, $'A=\\xc3', is not UTF-8"],
  ["the program", "zerovm run $'\\xed\\xa0\\x80.wasm'", "Argument 2, $'\\xed\\xa0\\x80.wasm'"],
  ["a manifest", "zerovm exec $'\\xff\\'.manifest'", "Argument 2, $'\\xff\\x27.manifest'"],
])("%s that is not UTF-8 is refused by its bytes", async (_, line, message) => {
  shell.put("p.wasm", COPYING_GUEST);
  const { status, stdout, stderr } = await shell.run(line);
  expect([status, stdout]).toEqual([125, ""]);
  expect(stderr).toContain(message);
  expect(stderr.trim().split("\n")).toHaveLength(1);
});

test("what stands for such bytes elsewhere may be an argument", async () => {
  const line = "zerovm run python -c 'import sys; print(ascii(sys.argv[1]))' $'\\xef\\xbf\\xbd'";
  expect(await shell.run(line)).toMatchObject({ status: 0, stdout: "'\\ufffd'\n" });
});
