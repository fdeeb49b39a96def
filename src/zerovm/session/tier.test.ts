import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { guestOf, LOOPING_GUEST } from "../../../test/support/guests.ts";
import {
  channel,
  channelsWith,
  childProcesses,
  manifestFor,
} from "../../../test/support/sessions.ts";
import { temporaryFolders } from "../../../test/support/temporary-folder.ts";
import { CellPool } from "../pool/index.ts";
import { TIERS } from "../report/index.ts";
import { runSession } from "./run-session.ts";

const newFolder = temporaryFolders();
const pools: CellPool[] = [];

class CountingPool extends CellPool {
  taken = 0;

  override take() {
    this.taken++;
    return super.take();
  }
}

afterEach(async () => {
  for (const pool of pools.splice(0)) pool.close();
  await expect.poll(childProcesses, { timeout: 10_000 }).toEqual([]);
});

/** A loop that is worth moving, in a function that is entered once. */
const COUNTING_GUEST = guestOf(
  `(local $turn i32) (local $sum i32)
   (loop $again
     (local.set $sum (i32.add (i32.mul (local.get $sum) (i32.const 33)) (local.get $turn)))
     (br_if $again (i32.lt_u (local.tee $turn (i32.add (local.get $turn) (i32.const 1)))
       (i32.const 100000))))
   (i32.store (i32.const 64) (local.get $sum))
   (drop (call $write (i32.const 1) (i32.const 64) (i32.const 4)))`,
);

test("a session is the same in every tier, and its report names it", async () => {
  const folder = newFolder();
  const runs = TIERS.map(async (tier) => {
    const out = join(folder, tier);
    const manifest = manifestFor(folder, COUNTING_GUEST, {
      fuel: 10_000_000n,
      channels: channelsWith(channel("/dev/stdout", out, "wo")),
    });
    const report = await runSession({ manifest, tier, preallocate: false });
    expect(report.tier).toBe(tier);
    return [report.outcome, report.traceHash, report.fuel?.used, readFileSync(out, "hex")];
  });
  const [first, ...others] = await Promise.all(runs);
  expect(first?.[0]).toEqual({ kind: "exited", code: 0 });
  for (const other of others) expect(other).toEqual(first);
});

test.each(TIERS)("a session with the tier %s is verified in another", async (tier) => {
  const manifest = manifestFor(newFolder(), COUNTING_GUEST);
  const report = await runSession({ manifest, tier, verify: true });
  expect(report.verified).toEqual({ agrees: true });
  expect(report.tier).toBe(tier);
});

// Cells need Linux, and so does looking at their words.
test.runIf(process.platform === "linux")(
  "only the engine of optimise has no quick code",
  async () => {
    for (const tier of TIERS) {
      const control = new AbortController();
      const manifest = manifestFor(newFolder(), LOOPING_GUEST);
      const session = runSession({ manifest, tier, signal: control.signal });
      let seen = "";
      const words = () => {
        // A process has no words for the moment in which it becomes another program.
        seen = childProcesses()
          .map((pid) => readFileSync(`/proc/${pid}/cmdline`, "utf8"))
          .join();
        return seen;
      };
      await expect.poll(words, { timeout: 10_000 }).toContain("cell.js");
      expect(seen.includes("--no-liftoff")).toBe(tier === "optimise");
      control.abort();
      await session;
      await expect.poll(childProcesses, { timeout: 10_000 }).toEqual([]);
    }
  },
);

// Cells need Linux.
test.runIf(process.platform === "linux")("a pool serves the tier that it is for", async () => {
  const manifest = manifestFor(newFolder(), COUNTING_GUEST);
  for (const own of ["dynamic", "optimise"] as const) {
    const pool = new CountingPool({ size: 1, tier: own });
    pools.push(pool);
    for (const tier of ["optimise", "dynamic"] as const) {
      const { outcome } = await runSession({ manifest, tier, pool });
      expect(outcome).toEqual({ kind: "exited", code: 0 });
    }
    expect(pool.taken).toBe(1);
    pool.close();
  }
});

test("where the session runs in this process, the engine is as it is", async () => {
  const manifest = manifestFor(newFolder(), COUNTING_GUEST);
  const report = await runSession({ manifest, tier: "optimise", isolation: "none" });
  expect([report.outcome.kind, report.tier]).toEqual(["exited", "dynamic"]);
});
