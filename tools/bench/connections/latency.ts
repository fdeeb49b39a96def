import { join } from "node:path";
import { type BenchFolder, PEERS } from "../bench-folder.ts";
import type { Measurement } from "../measurement.ts";
import type { Command } from "../run-process.ts";
import { jobCommand, putProgram } from "./connected-job.ts";
import { sampleDifferences } from "./in-turns.ts";
import { ANSWERING_GUEST, askingGuest, MESSAGE_BYTES } from "./wire-guests.ts";

const FEW = 500;
const MANY = 20_500;

/** A request and its reply, with reads of exactly their size; there is no bar. */
export async function measureLatency(place: BenchFolder, rounds: number): Promise<Measurement> {
  await putProgram(place, "answer", ANSWERING_GUEST);
  const pairs = [
    { name: "zerovm", few: await askedOf(place, FEW), many: await askedOf(place, MANY) },
    { name: "node over pipes", few: pipesOf(place, FEW), many: pipesOf(place, MANY) },
  ];
  return {
    name: `request and reply of ${MESSAGE_BYTES} bytes between two sandboxes`,
    unit: "us",
    note: `${MANY} of them against ${FEW}; a job of two nodes`,
    candidates: sampleDifferences(pairs, rounds, (elapsedNs) => elapsedNs / 1e3 / (MANY - FEW)),
    verdicts: [],
  };
}

async function askedOf(place: BenchFolder, requests: number): Promise<Command> {
  const program = await putProgram(place, `ask-${requests}`, askingGuest(requests));
  return jobCommand(place, `ask-${requests}`, [
    { name: "ask", program, connect: ["answer"] },
    { name: "answer", program: "answer.wasm", connect: ["ask"] },
  ]);
}

/** Two processes of Node that read and write named pipes, blocking. */
function pipesOf(place: BenchFolder, requests: number): Command {
  const [there, back] = [place.path("there"), place.path("back")];
  const peer = `${process.execPath} ${join(PEERS, "talk.mjs")}`;
  const line = [
    `rm -f ${there} ${back}; mkfifo ${there} ${back};`,
    `${peer} answer ${MESSAGE_BYTES} < ${there} > ${back} &`,
    `${peer} ask ${MESSAGE_BYTES} ${requests} > ${there} < ${back}; wait`,
  ].join(" ");
  return { name: "node over pipes", words: ["/bin/sh", "-c", line] };
}
