/** A session in the process of its host, for whoever asks for that by name: no wall stands. */
import { createReadStream } from "node:fs";
import { finished } from "node:stream/promises";
import { runInside, withDescriptors } from "../cell/index.ts";
import type { Outcome } from "../report/index.ts";
import type { Said, Talk } from "./converse.ts";
import { answeredReport, bareReport, interruptedOutcome } from "./make-report.ts";
import type { PipeEnd } from "./open-channels.ts";
import { scratchFile } from "./scratch-file.ts";

/**
 * Runs the guest here and now. Streams of the caller cannot move meanwhile: what the guest reads
 * is read to its end before, and what it writes is passed on afterwards.
 */
export async function converseInside(talk: Talk): Promise<Said> {
  if (talk.signal?.aborted === true) return silent(interruptedOutcome());
  const { order, handovers, opener } = talk;
  const pipes = new Map(opener.pipes.map((pipe) => [pipe.cellFd, pipe]));
  const spools = new Map<number, number>();
  for (const pipe of opener.pipes) {
    spools.set(pipe.cellFd, handovers.own(scratchFile(await contentsOf(pipe))));
  }
  const fds = handovers.places.map((place, index) => {
    return place === "pipe" ? (spools.get(handovers.cellFdOf(index)) ?? -1) : place;
  });
  const answer = runInside(withDescriptors(order, fds));
  for (const [cellFd, fd] of spools) {
    const pipe = pipes.get(cellFd);
    if (pipe?.substitute.kind === "writable") await passOn(fd, pipe.substitute.stream);
  }
  return { started: true, report: (base) => answeredReport(answer, order, base) };
}

function silent(outcome: Outcome): Said {
  return { started: false, report: (base) => bareReport(outcome, base) };
}

async function contentsOf({ substitute }: PipeEnd): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  if (substitute.kind === "readable") {
    for await (const chunk of substitute.stream) chunks.push(Buffer.from(chunk));
  }
  return Buffer.concat(chunks);
}

async function passOn(fd: number, stream: NodeJS.WritableStream): Promise<void> {
  const spooled = createReadStream("", { fd, start: 0, autoClose: false });
  spooled.pipe(stream, { end: false });
  await finished(spooled);
}
