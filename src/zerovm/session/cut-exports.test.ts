import { existsSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolders } from "../../../test/support/temporary-folder.ts";
import type { Outcome } from "../report/index.ts";
import { dropCutExports } from "./cut-exports.ts";

const newFolder = temporaryFolders();

const CHANNEL: Outcome = { kind: "lost", cause: "channel", message: "m", code: 5 };
const EXPORT: Outcome = { kind: "lost", cause: "export", message: "m", code: 5 };

test.each<[string, Outcome, boolean, boolean, string | undefined]>([
  ["one that the session made is removed", CHANNEL, true, true, undefined],
  ["one that was there is emptied", { kind: "limited", limit: "time" }, false, true, ""],
  ["one that could be read may be as it was", CHANNEL, false, false, "part"],
  ["unless the export itself failed", EXPORT, false, false, ""],
  ["a good end keeps it", { kind: "exited", code: 1 }, true, true, "part"],
  ["a fault exports nothing", { kind: "faulted", fault: "other", message: "" }, true, true, "part"],
])("%s", (_, outcome, isCreated, isEmptied, left) => {
  const path = join(newFolder(), "o");
  writeFileSync(path, "part");
  const file = { alias: "/dev/o", path, stats: statSync(path), isCreated, isEmptied };
  const notes = dropCutExports([file], outcome);
  expect(existsSync(path) ? readFileSync(path, "utf8") : undefined).toBe(left);
  const verb = left === undefined ? "removed" : "emptied";
  const note = `The export to /dev/o is not whole: its file was ${verb}`;
  expect(notes).toEqual(left === "part" ? [] : [note]);
});

test("what somebody put in its place is left alone", () => {
  const folder = newFolder();
  const path = join(folder, "o");
  writeFileSync(path, "part");
  const stats = statSync(path);
  renameSync(path, join(folder, "moved"));
  writeFileSync(path, "other");
  const file = { alias: "/dev/o", path, stats, isCreated: true, isEmptied: true };
  expect(dropCutExports([file], EXPORT)).toEqual([]);
  expect(readFileSync(path, "utf8")).toBe("other");
});
