import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { craftedTar } from "../../../test/support/crafted-tar.ts";
import { writingGuest } from "../../../test/support/guests.ts";
import { openDescriptors } from "../../../test/support/sessions.ts";
import { makeTree, temporaryFolders } from "../../../test/support/temporary-folder.ts";
import { type RunOptions, run } from "./index.ts";

const newFolder = temporaryFolders();

function optionsWith(program: Uint8Array): RunOptions {
  const folder = newFolder();
  writeFileSync(join(folder, "p.wasm"), program);
  writeFileSync(join(folder, "i.tar.gz"), gzipSync(craftedTar([{ name: "a", contents: "x" }])));
  makeTree(folder, { "d/f": "1" });
  return {
    program: join(folder, "p.wasm"),
    images: [{ path: join(folder, "i.tar.gz"), mountpoint: "/m", mode: "cow" }],
    folders: [{ host: join(folder, "d"), guest: "/d", mode: "rw" }],
  };
}

test("a program that cannot run is told before an image is unpacked", async () => {
  const options = optionsWith(new Uint8Array([1, 2, 3]));
  const images = [{ path: "/proc/self/mem", mountpoint: "/m", mode: "cow" }] as const;
  const { report } = await run({ ...options, images });
  expect(report.outcome.kind).toBe("refused");
});

test("an interruption ends the preparation, and leaves nothing open", async () => {
  const options = optionsWith(writingGuest("never"));
  const before = openDescriptors();
  const { report, stdout } = await run({ ...options, signal: AbortSignal.abort() });
  expect(report).toMatchObject({ outcome: { kind: "lost", cause: "interrupted" } });
  expect(stdout.length).toBe(0);
  const controller = new AbortController();
  const ended = run({ ...options, signal: controller.signal });
  setImmediate(() => controller.abort());
  expect((await ended).report).toMatchObject({ outcome: { cause: "interrupted" } });
  expect(openDescriptors()).toEqual(before);
});
