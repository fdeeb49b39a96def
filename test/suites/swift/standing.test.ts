import { spawn } from "node:child_process";
import { chmodSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { expect, it } from "vitest";
import { markedProcesses } from "../../../tools/swift/index.ts";
import { temporaryFolders } from "../../support/temporary-folder.ts";
import { type Ended, runTool } from "../run-tool.ts";

const newFolder = temporaryFolders();

/** A place for temporary files of a test's own: its cluster is not that of whoever runs this. */
function newPlace(): string {
  const place = newFolder();
  chmodSync(place, 0o755);
  return place;
}

function npm(place: string, script: string, ...args: readonly string[]): Promise<Ended> {
  const command = ["tools/run.mjs", script, ...args];
  return runTool(process.execPath, command, { env: { TMPDIR: place } });
}

/** What a cluster leaves. */
function leftIn(place: string) {
  return { files: readdirSync(place), processes: markedProcesses(join(place, "zerovm-swift")) };
}

/** Users of the processes of a server. */
function ownersOf(place: string, server: string): string[] {
  const uids = markedProcesses(join(place, "zerovm-swift"), server).map((pid) => {
    return String(statSync(`/proc/${pid}`).uid);
  });
  const users = readFileSync("/etc/passwd", "utf8").split("\n");
  const named = (uid: string) => users.find((user) => user.split(":")[2] === uid)?.split(":")[0];
  return [...new Set(uids.map((uid) => named(uid) ?? "a user without a name"))];
}

const NOTHING = { files: [], processes: [] };

it("stands until it is taken down, and leaves nothing", async () => {
  const place = newPlace();
  const up = await npm(place, "swift-up");
  expect(up.stderr).toBe("");
  expect(up.stdout).toContain("starting 15 servers");
  expect(ownersOf(place, "node1-object")).toEqual(["swift"]);
  expect(ownersOf(place, "node1-worker")).toEqual(["a user without a name"]);
  expect(up.stdout).toMatch(/The cluster is up after \d+ s/);
  const authUrl = /http:\S+\/auth\/v1\.0/.exec(up.stdout)?.[0] ?? "";
  expect(up.stdout).toContain("test:reader, key reading");
  const env = { ST_AUTH: authUrl, ST_USER: "test:tester", ST_KEY: "testing" };
  const stat = await runTool("swift", ["stat"], { env });
  expect(stat.stdout).toContain("Account: AUTH_test");
  const again = await npm(place, "swift-up");
  expect(again).toMatchObject({ status: 0, stderr: "" });
  expect(again.stdout).toContain("The cluster is up already.");
  expect(again.stdout).toContain(authUrl);
  const changed = await npm(place, "swift-up", "--coded");
  expect(changed.status).toBe(1);
  expect(changed.stderr).toContain("A cluster is up that was started without --coded");
  expect(leftIn(place).processes.length).toBeGreaterThan(15);
  const down = await npm(place, "swift-down");
  expect(down.stdout).toMatch(/^Ended \d+ processes and removed \S+; the packages stay\.\n$/);
  expect(leftIn(place)).toEqual(NOTHING);
  expect((await npm(place, "swift-down")).stdout).toBe("No cluster is up.\n");
});

it("says which of its servers have ended", async () => {
  const place = newPlace();
  await npm(place, "swift-up", "--plain");
  for (const pid of markedProcesses(join(place, "zerovm-swift"), "node2-object")) {
    process.kill(pid, "SIGKILL");
  }
  const again = await npm(place, "swift-up");
  expect(again.stdout).toContain("These of its servers have ended: node2-object;");
  expect(again.status).toBe(1);
  await npm(place, "swift-down");
  expect(leftIn(place)).toEqual(NOTHING);
});

it.each(["SIGINT", "SIGTERM"] as const)("leaves nothing when %s ends the start", async (signal) => {
  const place = newPlace();
  const command = ["tools/run.mjs", "swift-up", "--plain"];
  const { PATH = "" } = process.env;
  const child = spawn(process.execPath, command, { env: { PATH, TMPDIR: place } });
  const errors = text(child.stderr);
  const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
  await new Promise<void>((resolve) => {
    child.stdout.setEncoding("utf8").on("data", (piece: string) => {
      if (piece.includes("is ready")) resolve();
    });
  });
  child.kill(signal);
  expect(await ended).toBe(1);
  expect(await errors).toBe(`${signal}: ended what was started\n`);
  expect(leftIn(place)).toEqual(NOTHING);
});

it("refuses a place that Swift's user cannot use, and leaves nothing", async () => {
  const place = newFolder();
  const up = await npm(place, "swift-up", "--plain");
  expect(up.status).toBe(1);
  expect(up.stderr).toContain(`The user swift cannot keep objects in ${place}`);
  expect(leftIn(place)).toEqual(NOTHING);
});
