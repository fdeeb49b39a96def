import type { BenchFolder } from "../bench-folder.ts";
import { zerovmWords } from "../bench-folder.ts";
import { compileExample } from "../compile-example.ts";
import { HELLO } from "../guests.ts";
import type { Measurement } from "../measurement.ts";
import { type Command, timeInTurns } from "../run-process.ts";
import { jobCommand } from "./connected-job.ts";

const NODES = 64;
const CHANNELS = [0, 16, 64, 256] as const;

/** Start and end of a group in which each node tells each other one thing; there is no bar. */
export function measureExchange(place: BenchFolder, rounds: number): Measurement {
  compileExample("exchange", "talk", place.path("store/bin/talk.wasm"));
  const commands = [4, NODES].map((count): Command => {
    const talk = { name: "talk", program: "talk.wasm", count, connect: ["talk"] };
    return { ...jobCommand(place, `talk-${count}`, [talk]), name: `${count} nodes` };
  });
  return {
    name: "a group in which all nodes talk to all others, from start to end",
    unit: "ms",
    note: `${NODES} nodes have ${NODES * (NODES - 1)} connections`,
    candidates: candidatesOf(commands, rounds),
    verdicts: [],
  };
}

/** A hello with so many channels that it does not use; there is no bar. */
export async function measureChannelStarts(
  place: BenchFolder,
  rounds: number,
): Promise<Measurement> {
  const program = await place.guest("hello", HELLO);
  const file = place.write("channel", "some contents");
  const commands = CHANNELS.map((count): Command => {
    const channels = Array.from({ length: count }, (_, index) => {
      return ["-c", `${file},/dev/in/peer-${index},0,0,100,100,0,0`];
    });
    return { name: `${count} channels`, words: zerovmWords("run", ...channels.flat(), program) };
  });
  return {
    name: "start-up by the number of channels",
    unit: "ms",
    note: "a hello, from command to exit",
    candidates: candidatesOf(commands, rounds),
    verdicts: [],
  };
}

function candidatesOf(commands: readonly Command[], rounds: number) {
  const samples = timeInTurns(commands, rounds);
  return commands.map(({ name }) => ({ name, samples: samples.get(name) ?? [] }));
}
