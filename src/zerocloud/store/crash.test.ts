/**
 * A writer is killed at a random moment under load, again and again on one store. Each time, what
 * it acknowledged has to be there whole, what it had begun there whole or not at all.
 */
import { spawn } from "node:child_process";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type BundledProgram, bundleProgram } from "../../../test/support/bundled.ts";
import { Lanes, SEGMENTS, STEP_HEADER, seenAs } from "../../../test/support/store-steps.ts";
import { type CheckFinding, checkStore, isFolder, Store } from "./index.ts";

const ROUNDS = Number(process.env["ZEROVM_STORE_CRASHES"] ?? 3);
const LONGEST_MS = 400;

let writer: BundledProgram;
let folder: string;

beforeAll(async () => {
  writer = await bundleProgram("test/support/store-writer.ts");
  folder = await mkdtemp(join(tmpdir(), "zerovm-crash-"));
});

afterAll(async () => {
  await writer.remove();
  await rm(folder, { recursive: true, force: true });
});

/** Lets the writer work until it is killed. @returns what it said */
async function killedAfter(ms: number, firstStep: number): Promise<string[]> {
  const child = spawn(process.execPath, [writer.path, folder, String(firstStep)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let said = "";
  const ready = new Promise<void>((resolve) => {
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      said += text;
      if (said.includes("ready\n")) resolve();
    });
  });
  const closed = new Promise<NodeJS.Signals | null>((resolve) => {
    child.on("close", (_, signal) => resolve(signal));
  });
  await Promise.race([ready, closed]);
  await pause(ms);
  child.kill("SIGKILL");
  expect(await closed).toBe("SIGKILL");
  // A line may have been cut off with its writer.
  return said.slice(0, said.lastIndexOf("\n")).split("\n").slice(1);
}

/** Takes in what the writer said. */
function note(lanes: Lanes, said: readonly string[]): void {
  for (const line of said) {
    const [word, lane, step] = line.split(" ");
    if (word === "begin") lanes.begin(Number(lane), Number(step));
    else lanes.done(Number(lane));
  }
}

async function stored(store: Store): Promise<Map<string, string>> {
  const container = { account: "a", container: "c" };
  const listed = await store.containers.list(container);
  const names = listed.flatMap((line) => (isFolder(line) ? [] : [line.name]));
  const stats = names.map((object) => store.objects.stat({ ...container, object }));
  return new Map(
    (await Promise.all(stats)).map(({ object, etag, metadata }) => {
      return [object, seenAs(etag, metadata[STEP_HEADER])];
    }),
  );
}

async function contentFiles(): Promise<number> {
  const found = await readdir(folder, { withFileTypes: true, recursive: true });
  return found.filter((entry) => entry.isFile() && /^[0-9a-f]{32}$/.test(entry.name)).length;
}

it(`keeps what was acknowledged, and nothing half, over ${ROUNDS} kills`, async () => {
  const lanes = new Lanes();
  let steps = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    const said = await killedAfter(Math.random() * LONGEST_MS, lanes.nextStep);
    note(lanes, said);
    steps += said.length;
    const start = performance.now();
    const store = await Store.open({ folder, reserveBytes: 0 });
    const startMs = performance.now() - start;
    const objects = await stored(store);
    expect(lanes.judge(objects)).toEqual([]);
    await store.idle();
    expect(await contentFiles()).toBe(objects.size + SEGMENTS.length);
    await store.close();
    const findings: CheckFinding[] = [];
    await checkStore(folder, (finding) => findings.push(finding));
    expect(findings).toEqual([]);
    expect(startMs).toBeLessThan(2000);
  }
  expect(steps).toBeGreaterThan(ROUNDS);
}, 600_000);
