/** A session in the process of its host, for whoever asks for that by name: no wall stands. */
import { fstatSync, readSync } from "node:fs";
import { Duplex, Readable, type Writable } from "node:stream";
import { runInside, withDescriptors } from "../cell/index.ts";
import type { Lost, Outcome } from "../report/index.ts";
import { corrected, type Said, type Talk } from "./converse.ts";
import { answeredReport, bareReport, interruptedOutcome } from "./make-report.ts";
import type { PipeEnd } from "./open-channels.ts";
import { brokenOutcome, feed, passOn } from "./pipes.ts";
import { scratchFile } from "./scratch-file.ts";

/**
 * Runs the guest here and now. Streams of the caller cannot move meanwhile: what the guest reads
 * is read to its end before, and what it writes is passed on afterwards.
 */
export async function converseInside(talk: Talk): Promise<Said> {
  const { order, handovers, opener, signal, looksItself = false } = talk;
  const pipes = new Map(opener.pipes.map((pipe) => [pipe.cellFd, pipe]));
  const spools = new Map<number, number>();
  for (const pipe of opener.pipes) {
    const contents = await contentsOf(pipe, signal);
    if (!(contents instanceof Uint8Array)) return silent(contents);
    spools.set(pipe.cellFd, handovers.own(scratchFile(contents)));
  }
  if (signal?.aborted === true) return silent(interruptedOutcome());
  const fds = handovers.places.map((place, index) => {
    return place === "pipe" ? (spools.get(handovers.cellFdOf(index)) ?? -1) : place;
  });
  const answer = runInside(withDescriptors(order, fds), looksItself);
  let broken: Lost | undefined;
  for (const [cellFd, fd] of spools) {
    const pipe = pipes.get(cellFd);
    if (pipe?.substitute.kind !== "writable") continue;
    const lost = await deliver(fd, pipe, pipe.substitute.stream);
    broken ??= lost;
  }
  return {
    started: true,
    report: (base) => answeredReport(corrected(answer, broken), order, base),
  };
}

function silent(outcome: Outcome): Said {
  return { started: false, report: (base) => bareReport(outcome, base) };
}

/** All that a stream of the caller gives; what became of the session where it gives no end. */
function contentsOf(pipe: PipeEnd, signal: AbortSignal | undefined): Promise<Uint8Array | Lost> {
  const { substitute } = pipe;
  if (substitute.kind !== "readable") return Promise.resolve(new Uint8Array(0));
  if (signal?.aborted === true) return Promise.resolve(interruptedOutcome());
  const chunks: Buffer[] = [];
  const end = new Duplex({
    read: () => undefined,
    write(chunk: Buffer, _encoding, done) {
      chunks.push(chunk);
      done();
    },
  });
  return new Promise((resolve) => {
    const settle = (result: Uint8Array | Lost): void => {
      signal?.removeEventListener("abort", abort);
      // The stream is the caller's again.
      end.destroy();
      resolve(result);
    };
    const abort = (): void => settle(interruptedOutcome());
    signal?.addEventListener("abort", abort, { once: true });
    end.on("finish", () => settle(Buffer.concat(chunks)));
    feed(end, substitute.stream, (error) => {
      // A stream that was only just destroyed tells its error next, and that is ours to hear.
      setImmediate(() => settle(brokenOutcome(pipe, error)));
    });
  });
}

/** Passes on what the guest wrote. @returns why it did not arrive, if it did not */
async function deliver(fd: number, pipe: PipeEnd, stream: Writable): Promise<Lost | undefined> {
  let broken: Lost | undefined;
  const spooled = Readable.from(blocksOf(fd), { objectMode: false });
  await passOn(spooled, stream, (error) => {
    broken ??= brokenOutcome(pipe, error);
    spooled.destroy();
  });
  return broken;
}

const BLOCK_BYTES = 65_536;

function* blocksOf(fd: number): Generator<Uint8Array> {
  const { size } = fstatSync(fd);
  for (let at = 0; at < size; at += BLOCK_BYTES) {
    const block = new Uint8Array(Math.min(BLOCK_BYTES, size - at));
    readSync(fd, block, 0, block.length, at);
    yield block;
  }
}
