import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { captured } from "../../../test/support/captured.ts";
import { exitingGuest, savingGuest, showingGuest } from "../../../test/support/guests.ts";
import { makeTree, readTree, workInOwnFolder } from "../../../test/support/temporary-folder.ts";

let folder = "";

workInOwnFolder((made) => {
  folder = made;
});

async function verified(...args: readonly string[]) {
  const ended = await captured(["run", "--verify", "--report-file", "r.json", ...args]);
  return { ...ended, report: JSON.parse(readFileSync("r.json", "utf8")) };
}

test("a folder comes back once, and an image is written once", async () => {
  writeFileSync("p.wasm", savingGuest("d/new", "text"));
  makeTree(join(folder, "d"), { old: "old" });
  const { status, stderr, report } = await verified(
    "--dir",
    "d:/d:rw",
    "--image",
    "o.tar:/d:export",
    "p.wasm",
  );
  expect([status, stderr]).toEqual([0, ""]);
  expect(report.verified).toEqual({ agrees: true });
  expect(readTree(join(folder, "d"))).toEqual({ old: "old", new: "text" });
  const again = await captured(["run", "--image", "o.tar:/d", "p.wasm"]);
  expect(again.status).toBe(0);
});

test("runs that differ are told, with status 125", async () => {
  // A file of the kernel with another content in each run.
  writeFileSync("p.wasm", showingGuest("dev/uptime"));
  const { status, stderr, report } = await verified(
    "-c",
    "/proc/uptime,/dev/uptime,0,0,99,999,0,0",
    "-c",
    "/dev/null,/dev/stdout,0,0,0,0,99,999",
    "p.wasm",
  );
  expect(status).toBe(125);
  expect(stderr).toMatch(
    /^zerovm: ZVM_VERIFY: another run of the session differs: .* against .*\n$/,
  );
  expect(report.verified.agrees).toBe(false);
  expect(report.verified.difference).toContain("/dev/uptime");
});

test.each([
  [["--clock", "real"], "the host's clock (--clock real)"],
  [["--seed", "real"], "the host's entropy (--seed real)"],
  [["-i"], "a person at a terminal (--interactive)"],
])("%j is refused", async (option, reason) => {
  writeFileSync("p.wasm", exitingGuest(0));
  const { status, stderr } = await captured(["run", "--verify", ...option, "p.wasm"]);
  expect(status).toBe(125);
  expect(stderr).toContain(`Cannot verify a session with ${reason}`);
});
