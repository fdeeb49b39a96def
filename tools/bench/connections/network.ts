import { spawn } from "node:child_process";
import { join } from "node:path";
import { freePort } from "../../../test/support/free-ports.ts";
import { type BenchFolder, PEERS, zerovmWords } from "../bench-folder.ts";
import type { Measurement } from "../measurement.ts";
import { plainEnvironment } from "../run-process.ts";
import { atLeast, median } from "../statistics.ts";
import { BLOCK_BYTES, READER, writerGuest } from "./wire-guests.ts";

const BLOCKS = 16_000;
const THROUGHPUT_RATIO = 0.5;
const LIMIT = 2 ** 40;

/** How one side is started, with the port at which the reader waits. */
interface Sides {
  readonly name: string;
  readonly reader: (port: number) => readonly string[];
  readonly writer: (port: number) => readonly string[];
}

/** Two sessions with `tcp:` channels on loopback, against sockets of two processes of Node. */
export async function measureNetwork(place: BenchFolder, rounds: number): Promise<Measurement> {
  const reader = await place.guest("reader", READER);
  const writer = await place.guest("writer", writerGuest(BLOCKS));
  const run = (channel: string, program: string) =>
    zerovmWords("run", "--clock", "real", "-c", channel, program);
  const raw = (...words: readonly string[]) => [
    process.execPath,
    join(PEERS, "raw-socket.mjs"),
    ...words,
  ];
  const sides: readonly Sides[] = [
    {
      name: "zerovm",
      reader: (port) => run(`tcp:127.0.0.1:${port},/dev/stdin,0,0,${LIMIT},${LIMIT},0,0`, reader),
      writer: (port) => run(`tcp:127.0.0.1:${port},/dev/stdout,0,0,0,0,${LIMIT},${LIMIT}`, writer),
    },
    {
      name: "sockets of node",
      reader: (port) => raw("read", String(port)),
      writer: (port) => raw("write", String(port), String(BLOCKS), String(BLOCK_BYTES)),
    },
  ];
  const candidates = sides.map(({ name }) => ({ name, samples: [] as number[] }));
  for (let round = 0; round <= rounds; round++) {
    for (const [index, each] of sides.entries()) {
      const elapsedNs = await transfer(each);
      const rate = ((BLOCKS - 1) * BLOCK_BYTES) / elapsedNs;
      if (round > 0) candidates[index]?.samples.push(rate);
    }
  }
  const [ours = 0, theirs = 1] = candidates.map(({ samples }) => median(samples));
  return {
    name: "tcp between two sessions on loopback, 65536 bytes a call",
    unit: "GB/s",
    isRate: true,
    note: "timed by the reader, from the first block to the end",
    candidates,
    verdicts: [atLeast("throughput of sockets of node", ours / theirs, THROUGHPUT_RATIO)],
  };
}

/** @returns the nanoseconds that the reader tells */
async function transfer({ reader, writer }: Sides): Promise<number> {
  const port = await freePort();
  const [told] = await Promise.all([outputOf(reader(port)), outputOf(writer(port))]);
  return Number(told.readBigUInt64LE());
}

async function outputOf([program = "", ...args]: readonly string[]): Promise<Buffer> {
  const child = spawn(program, args, {
    env: plainEnvironment(),
    stdio: ["ignore", "pipe", "inherit"],
  });
  const blocks: Buffer[] = [];
  child.stdout.on("data", (block: Buffer) => blocks.push(block));
  const status = await new Promise((done) => child.on("close", done));
  if (status !== 0) throw new Error(`${args.join(" ")} ended with ${status}`);
  return Buffer.concat(blocks);
}
