import { closeSync, ftruncateSync, mkdirSync, openSync, readdirSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { writingGuest } from "../support/guests.ts";
import { Shell } from "../support/shell.ts";
import { temporaryFolders } from "../support/temporary-folder.ts";

const newFolder = temporaryFolders();

/** Whether a process has a file open. */
function hasOpen(pid: number | undefined, path: string): boolean {
  try {
    const folder = `/proc/${pid}/fd`;
    return readdirSync(folder).some((fd) => readlinkSync(join(folder, fd)) === path);
  } catch {
    // A descriptor that was closed between the looks.
    return false;
  }
}

test("Ctrl-C is heard while a large folder is packed, and nothing is left behind", async () => {
  const shell = new Shell(newFolder());
  shell.put("p.wasm", writingGuest("never"));
  mkdirSync(join(shell.folder, "d"));
  const large = join(shell.folder, "d/large");
  const fd = openSync(large, "w");
  // Hours of reading.
  ftruncateSync(fd, 2 ** 43);
  closeSync(fd);
  const { child, end } = shell.zerovm(
    ...["run", "--dir", "d:/d:rw", "--image", "out.tar:/d/out:export"],
    ...["--limit", "image-bytes=16T", "p.wasm"],
  );
  await expect.poll(() => hasOpen(child.pid, large), { timeout: 20_000 }).toBe(true);
  child.kill("SIGINT");
  expect(await end).toEqual({ status: 130, stdout: "", stderr: "zerovm: interrupted\n" });
  expect(shell.leftovers()).toEqual([]);
  expect(shell.has("out.tar")).toBe(false);
  await expect.poll(() => shell.survivors()).toEqual([]);
});
