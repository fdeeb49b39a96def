import { PassThrough, Writable } from "node:stream";
import { COPYING_GUEST, LOOPING_GUEST, writingGuest } from "../../test/support/guests.ts";
import {
  BLOCK_BYTES,
  FILLING_GUEST,
  FLOOD_BYTE,
  floodingGuest,
  GREEDY_GUEST,
  OPENING_GUEST,
  RECURSIVE_GUEST,
  SEARCHING_GUEST,
  SPEAKING_GUEST,
} from "./guests.ts";
import type { Disturbance, Kind, Own } from "./kind.ts";
import { bytes, exits, IN_CELLS, type KindMaker, limited, lost } from "./make-kind.ts";

const PAGES_BYTES = 3 * 65_536;

/** Sessions that a limit ends or answers. */
export function limitedKinds(make: KindMaker): Kind[] {
  const silence = (): Own => ({ options: { stdin: new PassThrough(), timeoutSeconds: 1 } });
  const isSlow = { weight: 1, modes: IN_CELLS } as const;
  return [
    make.kind("waits until its time", COPYING_GUEST, limited("time", false), {
      ...isSlow,
      own: silence,
    }),
    make.kind("loops until its time", LOOPING_GUEST, limited("time", false), {
      ...isSlow,
      options: { timeoutSeconds: 1 },
    }),
    make.kind("uses up its fuel", LOOPING_GUEST, limited("fuel", true), {
      options: { fuel: 1_000_000n },
    }),
    make.kind("recurses", RECURSIVE_GUEST, limited("stack", true)),
    make.kind("reports too much", writingGuest("x"), limited("report", true), {
      options: { limits: { report: 10 } },
      // It bounds what a cell may send.
      modes: IN_CELLS,
    }),
    make.kind("grows", GREEDY_GUEST, exits(0, { hits: ["memory", "table"] }), {
      options: { memoryBytes: PAGES_BYTES, limits: { table: 10 } },
    }),
    make.kind("opens files", OPENING_GUEST, exits(7, { hits: ["open-files"] }), {
      options: { limits: { "open-files": 100 } },
    }),
    make.kind("fills a disk", FILLING_GUEST, exits(7, { hits: ["fs-bytes"] }), {
      options: { limits: { "fs-bytes": 1_000_000 } },
    }),
    make.kind("searches", SEARCHING_GUEST, exits(0)),
  ];
}

const BLOCKS = 64;
const SLOW_BLOCKS = 16;
const QUOTA = 100_000;

/** Sessions that write more than anybody wants. */
export function floodingKinds(make: KindMaker): Kind[] {
  const flood = (blocks: number) => bytes(FLOOD_BYTE.repeat(blocks * BLOCK_BYTES));
  const account = (alias: string, blocks: number) => ({
    [alias]: [blocks, blocks * BLOCK_BYTES] as const,
  });
  const slowly = (): Own => {
    const stdout = new Writable({
      highWaterMark: 1024,
      write: (_chunk, _encoding, done) => void setTimeout(done, 1),
    });
    return { options: { stdout } };
  };
  const leaving = (): Own => {
    const stdout = new Writable({
      write(_chunk, _encoding, done) {
        done();
        this.destroy();
      },
    });
    return { options: { stdout } };
  };
  const channels = [`/dev/null,/dev/stdout,0,1,0,0,1000,${QUOTA}`];
  return [
    make.kind(
      "floods its output",
      floodingGuest(BLOCKS),
      exits(0, { stdout: flood(BLOCKS), account: account("/dev/stdout", BLOCKS) }),
    ),
    make.kind(
      "floods its errors",
      floodingGuest(BLOCKS, 2),
      exits(0, { stderr: flood(BLOCKS), account: account("/dev/stderr", BLOCKS) }),
    ),
    make.kind(
      "floods who is slow",
      floodingGuest(SLOW_BLOCKS),
      exits(0, { account: account("/dev/stdout", SLOW_BLOCKS) }),
      { own: slowly },
    ),
    make.kind("floods who leaves", floodingGuest(BLOCKS), lost("channel"), { own: leaving }),
    make.kind("floods a quota", floodingGuest(BLOCKS), exits(0, { hits: ["put-bytes"] }), {
      options: { channels },
    }),
    make.kind("floods until its fuel is gone", floodingGuest(2 ** 30), limited("fuel", true), {
      options: { fuel: 20_000n, stdout: "ignore" },
    }),
  ];
}

/** Sessions that somebody ends from outside. */
export function disturbedKinds(make: KindMaker): Kind[] {
  const disturbed = (
    name: string,
    kind: Disturbance["kind"],
    from: Disturbance["from"],
    withinMs: number,
    rest: Partial<Kind> = {},
  ): Kind =>
    make.kind(name, SPEAKING_GUEST, lost(kind === "kill" ? "cell" : "interrupted"), {
      weight: 3,
      modes: IN_CELLS,
      disturbance: { kind, from, withinMs },
      ...rest,
    });
  return [
    disturbed("killed at its start", "kill", "cell", 0),
    disturbed("killed early", "kill", "cell", 150),
    disturbed("killed at work", "kill", "guest", 20),
    disturbed("aborted before", "abort", "call", 0),
    disturbed("aborted early", "abort", "call", 150),
    disturbed("aborted at work", "abort", "guest", 20),
  ];
}
