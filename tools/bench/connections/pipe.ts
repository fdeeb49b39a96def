import type { BenchFolder } from "../bench-folder.ts";
import type { Measurement } from "../measurement.ts";
import type { Command } from "../run-process.ts";
import { atLeast, median } from "../statistics.ts";
import { jobCommand, putProgram } from "./connected-job.ts";
import { sampleDifferences } from "./in-turns.ts";
import { BLOCK_BYTES, READER, writerGuest } from "./wire-guests.ts";

const FEW_BLOCKS = 512;
/** A node passes 2^30 bytes on a channel at most. */
const MANY_BLOCKS = 16_000;
const THROUGHPUT_RATIO = 0.7;

/** A pipe between two sandboxes of one host, against pipes of the system. */
export async function measurePipe(place: BenchFolder, rounds: number): Promise<Measurement> {
  const zeros = place.write("zeros", new Uint8Array(MANY_BLOCKS * BLOCK_BYTES));
  const fewZeros = place.write("few-zeros", new Uint8Array(FEW_BLOCKS * BLOCK_BYTES));
  await putProgram(place, "read", READER);
  const pairs = [
    {
      name: "zerovm",
      few: await pipeOf(place, FEW_BLOCKS),
      many: await pipeOf(place, MANY_BLOCKS),
    },
    { name: "dd | dd", few: ddOf(FEW_BLOCKS), many: ddOf(MANY_BLOCKS) },
    { name: "cat | cat", few: catOf(fewZeros), many: catOf(zeros) },
  ];
  const bytes = (MANY_BLOCKS - FEW_BLOCKS) * BLOCK_BYTES;
  const candidates = sampleDifferences(pairs, rounds, (elapsedNs) => bytes / elapsedNs);
  const [ours = 0, ...theirs] = candidates.map(({ samples }) => median(samples));
  const verdicts = theirs.map((rate, index) => {
    const bar = `throughput of ${pairs[index + 1]?.name}`;
    return atLeast(bar, ours / rate, THROUGHPUT_RATIO);
  });
  return {
    name: "pipe between two sandboxes, 65536 bytes a call",
    unit: "GB/s",
    isRate: true,
    note: `${MANY_BLOCKS} blocks against ${FEW_BLOCKS}; a job of two nodes`,
    candidates,
    verdicts,
  };
}

async function pipeOf(place: BenchFolder, blocks: number): Promise<Command> {
  const program = await putProgram(place, `write-${blocks}`, writerGuest(blocks));
  const stdout = { name: "stdout", path: "zvm://read:/dev/stdin" };
  return jobCommand(place, `pipe-${blocks}`, [
    { name: "write", program, devices: [stdout] },
    { name: "read", program: "read.wasm" },
  ]);
}

function ddOf(blocks: number): Command {
  const bs = `bs=${BLOCK_BYTES} status=none`;
  return shell(`dd if=/dev/zero ${bs} count=${blocks} | dd of=/dev/null ${bs}`);
}

function catOf(file: string): Command {
  return shell(`cat ${file} | cat > /dev/null`);
}

function shell(line: string): Command {
  return { name: line, words: ["/bin/sh", "-c", line] };
}
