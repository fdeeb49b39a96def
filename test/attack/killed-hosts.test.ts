import { spawn } from "node:child_process";
import { cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { beforeEach, describe, expect, test } from "vitest";
import { ROOT } from "../support/command-line.ts";
import { guestOf } from "../support/guests.ts";
import { temporaryFolders } from "../support/temporary-folder.ts";
import { NODE } from "./attacked.ts";

/** Hosts that are killed at any moment of their work leave nothing behind. */

const TIMES = process.env["ZEROVM_ATTACK_ALL"] === undefined ? 6 : 50;
/** About as long as a session of theirs takes. */
const MOMENT_MS_MAX = 500;

/** Makes a file in the folder that comes back, computes for a while, and writes. */
const GUEST = guestOf(
  `(local $left i32)
   (drop (call $open (i32.const 64) (i32.const 10) (i32.const 1) (i64.const 66)))
   (local.set $left (i32.const 20000000))
   (loop $more (br_if $more (local.tee $left (i32.sub (local.get $left) (i32.const 1)))))
   (drop (call $write (i32.const 1) (i32.const 64) (i32.const 10)))`,
  '(data (i32.const 64) "place/made")',
);

const LIBRARY_HOST = `
import { CellPool, run } from "./dist/index.js";
const pool = new CellPool({ size: 2 });
const [program, host] = process.argv.slice(2);
const folders = [{ host, guest: "/place", mode: "rw" }];
const work = async () => {
  for (;;) await run({ program, pool, verify: true, stdin: { text: "x".repeat(100000) } });
};
for (;;) await Promise.all([work(), run({ program, pool, folders })]);
`;

const newFolder = temporaryFolders();

/** A copy of what is built, by whose place its processes are known. */
interface Place {
  readonly root: string;
  readonly temporary: string;
  /** What comes back to the host. */
  readonly work: string;
  readonly program: string;
}

let place: Place;

beforeEach(() => {
  const root = newFolder();
  for (const name of ["dist", "bin", "package.json"]) {
    cpSync(join(ROOT, name), join(root, name), { recursive: true });
  }
  symlinkSync(join(ROOT, "node_modules"), join(root, "node_modules"));
  const [temporary, work] = [join(root, "temporary"), join(root, "work")];
  for (const folder of [temporary, work]) mkdirSync(folder);
  const program = join(root, "program.wasm");
  writeFileSync(program, GUEST);
  writeFileSync(join(root, "host.mjs"), LIBRARY_HOST);
  place = { root, temporary, work, program };
});

/** Processes that run something of that copy. */
function processesOf({ root }: Place): string[] {
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return pids.filter((pid) => commandOf(pid).includes(root));
}

function commandOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "latin1");
  } catch {
    return "";
  }
}

/** What the guest made, and files half unpacked, may be there: they are the folder's own. */
function isLeft(name: string): boolean {
  return name !== "made" && !name.startsWith(".zerovm-unpack-");
}

/** Kills a host after a while, counted from its start or from when it has cells. */
async function killAtAnyMoment(words: readonly string[], hasCells: boolean): Promise<void> {
  const { root, temporary } = place;
  const env = { PATH: process.env["PATH"], HOME: root, TMPDIR: temporary };
  const host = spawn(NODE, words, { cwd: root, env, stdio: "ignore" });
  const closed = new Promise((done) => host.once("close", done));
  while (hasCells && processesOf(place).length < 2) await sleep(5);
  await sleep(Math.random() * MOMENT_MS_MAX);
  host.kill("SIGKILL");
  await closed;
}

// Cells need Linux.
describe.runIf(process.platform === "linux")("a host that is killed", () => {
  test.each([
    [
      "the command line",
      ({ work, program }: Place) => [
        "bin/zerovm.js",
        "run",
        "--verify",
        "--dir",
        `${work}:/place:rw`,
        program,
      ],
    ],
    ["the library with a pool", ({ work, program }: Place) => ["host.mjs", program, work]],
  ])("%s leaves no process and no file", { timeout: 600_000 }, async (_, words) => {
    for (let time = 0; time < TIMES; time += 1) {
      await killAtAnyMoment(words(place), time % 2 === 0);
      await expect.poll(() => processesOf(place), { timeout: 20_000 }).toEqual([]);
      expect(readdirSync(place.temporary)).toEqual([]);
      expect(readdirSync(place.work).filter(isLeft)).toEqual([]);
    }
  });
});
