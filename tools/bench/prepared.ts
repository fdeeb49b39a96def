import { resolve } from "node:path";
import { emptyNode } from "./bench-folder.ts";
import type { Measurement } from "./measurement.ts";
import { runProcess } from "./run-process.ts";
import { atMost, median } from "./statistics.ts";

type Library = typeof import("../../src/index.ts");

/** Waits behind its imports and one rehearsal; ends without taking down what nobody needs. */
const SCRIPT = `
import os, sys, json, re
exec(compile("print(end='')", "session", "exec"))
open("/dev/zfork").read()
exec(compile(sys.stdin.read(), "session", "exec"))
sys.stdout.flush()
os._exit(0)`;

/** What a print in a prepared cell may take. */
const PRINT_MS = 8;

/** Sessions of a CPython that waits, each beside an empty start of Node. */
export async function measurePrepared(rounds: number): Promise<Measurement> {
  const library = (await import(resolve("dist", "index.js"))) as Library;
  const python = await library.prepare({ program: "python", args: ["-c", SCRIPT], size: 1 });
  const empty: number[] = [];
  const print: number[] = [];
  const guest: number[] = [];
  try {
    for (let round = 0; round <= rounds; round++) {
      await python.ready();
      await pause(CALM_MS);
      const emptyMs = runProcess(emptyNode()).wallMs;
      const startMs = performance.now();
      const { report, stdout } = await python.run({ stdin: { text: "print(6 * 7)" } });
      const printMs = performance.now() - startMs;
      if (Buffer.from(stdout).toString() !== "42\n") throw new Error("CPython did not print 42");
      if (round === 0) continue;
      empty.push(emptyMs);
      print.push(printMs);
      guest.push(report.times.guestMs);
    }
  } finally {
    await python.close();
  }
  return {
    name: "CPython print in a prepared cell",
    unit: "ms",
    note: "from the call of the library to its result",
    candidates: [
      { name: "zerovm", samples: print },
      { name: "of it the guest", samples: guest },
      { name: "empty node", samples: empty },
    ],
    verdicts: [atMost("ms in the middle", median(print), PRINT_MS)],
  };
}

/** The cell is ready: what was done for it comes to its end. */
const CALM_MS = 200;

function pause(durationMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, durationMs));
}
