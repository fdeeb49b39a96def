import {
  type BenchFolder,
  bunCommands,
  nodeWasiWords,
  shimWords,
  zerovmWords,
} from "./bench-folder.ts";
import { type Transfers, transferGuest } from "./guests.ts";
import type { Candidate, Measurement } from "./measurement.ts";
import { type Command, runProcess } from "./run-process.ts";
import { atLeast, atMost, median, type Verdict } from "./statistics.ts";

const LARGE_BYTES = 65_536;
const SMALL_BYTES = 64;

/** 64 MiB a pass, so that the caches of the processor do not hold the file. */
const LARGE = { blockBytes: LARGE_BYTES, callsPerPass: 1024, passes: 64 } as const;
const SMALL = { blockBytes: SMALL_BYTES, callsPerPass: 16_384, passes: 32 } as const;

const NOTE = "timed by the guest; regular files; the shim has its files in memory";

/** Reads and writes of large and small blocks, against the peers. */
export async function measureChannels(place: BenchFolder, rounds: number): Promise<Measurement[]> {
  const measurements: Measurement[] = [];
  for (const direction of ["read", "write"] as const) {
    for (const size of [LARGE, SMALL]) {
      measurements.push(await measureTransfers(place, rounds, { direction, ...size }));
    }
  }
  return measurements;
}

async function measureTransfers(
  place: BenchFolder,
  rounds: number,
  transfers: Transfers,
): Promise<Measurement> {
  const { direction, blockBytes, callsPerPass } = transfers;
  const contents = new Uint8Array(blockBytes * callsPerPass).fill(1);
  const file = place.write(direction === "read" ? "dev/in" : "dev/out", contents);
  const program = await place.guest(`${direction}-${blockBytes}`, transferGuest(transfers));
  const grant = [direction === "read" ? "-r" : "-w", file];
  const commands: Command[] = [
    { name: "zerovm", words: zerovmWords("run", "--clock", "real", ...grant, program) },
    { name: "node:wasi", words: nodeWasiWords([program], { folder: place.folder }) },
    { name: "browser_wasi_shim", words: shimWords(program, place.folder) },
    ...bunCommands(program, { cwd: place.folder }),
  ];
  const isRate = blockBytes === LARGE_BYTES;
  const candidates = sample(commands, rounds, transfers, isRate);
  return {
    name: `${direction} ${blockBytes} bytes a call`,
    unit: isRate ? "GB/s" : "ns/call",
    ...(isRate && { isRate }),
    note: NOTE,
    candidates,
    verdicts: judge(candidates, isRate),
  };
}

/** Throughput in GB/s, or nanoseconds a call; in turns, the first of which does not count. */
function sample(
  commands: readonly Command[],
  rounds: number,
  transfers: Transfers,
  isRate: boolean,
): Candidate[] {
  const calls = transfers.callsPerPass * transfers.passes;
  const samples = commands.map(({ name }) => ({ name, samples: [] as number[] }));
  for (let round = 0; round <= rounds; round++) {
    for (const [index, command] of commands.entries()) {
      const elapsedNs = Number(runProcess(command).output.readBigUInt64LE());
      const value = isRate ? (calls * transfers.blockBytes) / elapsedNs : elapsedNs / calls;
      if (round > 0) samples[index]?.samples.push(value);
    }
  }
  return samples;
}

function judge([ours, theirs]: readonly Candidate[], isRate: boolean): Verdict[] {
  if (ours === undefined || theirs === undefined) return [];
  const ratio = median(ours.samples) / median(theirs.samples);
  return isRate
    ? [atLeast("throughput of node:wasi's", ratio, 0.9)]
    : [atMost("time of node:wasi's", ratio, 1)];
}
