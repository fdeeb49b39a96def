import type { Duplex, Readable, Writable } from "node:stream";
import { ERRNO, textOf } from "../../base/index.ts";
import { FIRST_CELL_FD, type RunningCell } from "../cell/index.ts";
import type { Lost } from "../report/index.ts";
import { reasonOf } from "./host-file.ts";
import type { PipeEnd } from "./open-channels.ts";

/** Told about a stream of the caller that broke while the session needed it. */
export type OnBroken = (outcome: Lost) => void;

/**
 * Connects streams of this process with the pipes of a cell.
 * @returns a promise that resolves when all that the cell wrote has been passed on, or was given
 * up: whether nothing was.
 */
export async function connectPipes(
  pipes: readonly PipeEnd[],
  cell: RunningCell,
  onBroken: OnBroken,
): Promise<boolean> {
  const passed = pipes.map(({ alias, cellFd, substitute }) => {
    const end = cell.pipe(cellFd - FIRST_CELL_FD);
    if (end === undefined) return true;
    // Either side may go first; what was lost with it shows in the report.
    end.on("error", () => undefined);
    const broken = (error: unknown): void => {
      onBroken(brokenOutcome({ alias, substitute }, error));
      end.destroy();
    };
    if (substitute.kind === "writable") return passOn(end, substitute.stream, broken);
    feed(end, substitute.stream, broken);
    return true;
  });
  return !(await Promise.all(passed)).includes(false);
}

/** The session needed a stream of the caller, and it broke. */
export function brokenOutcome(
  { alias, substitute }: Pick<PipeEnd, "alias" | "substitute">,
  error: unknown,
): Lost {
  const verb = substitute.kind === "writable" ? "write" : "read";
  const message = `${textOf(alias)};0 failed to ${verb}: ${brokenBy(error)}`;
  return { kind: "lost", cause: "channel", message, code: ERRNO.EIO };
}

/**
 * A stream of the caller may break before it is connected, which nobody would hear.
 * @returns a function that gives the streams back.
 */
export function hearErrors(streams: Iterable<Readable | Writable>): () => void {
  const heard = [...streams];
  const listener = (): void => undefined;
  for (const stream of heard) stream.on("error", listener);
  return () => {
    for (const stream of heard) stream.off("error", listener);
  };
}

function brokenBy(error: unknown): string {
  const isOfHost = error instanceof Error && "errno" in error;
  if (isOfHost) return reasonOf(error);
  return error instanceof Error ? error.message : String(error);
}

const CLOSED = "the stream was closed before its end";

/** Gives the cell all that comes. The stream is the caller's again when the cell needs no more. */
export function feed(end: Duplex, stream: Readable, broken: (error: unknown) => void): void {
  const fail = (error: unknown): void => {
    release();
    broken(error);
  };
  const closed = (): void => {
    if (!stream.readableEnded) fail(new Error(CLOSED));
  };
  const release = (): void => {
    stream.off("error", fail).off("close", closed).unpipe(end);
  };
  end.on("close", release);
  end.resume();
  if (stream.readableEnded) {
    end.end();
    return;
  }
  if (stream.destroyed) {
    fail(stream.errored ?? new Error(CLOSED));
    return;
  }
  stream.on("error", fail).on("close", closed).pipe(end);
}

/** @returns whether all that the guest wrote was passed on. */
export function passOn(
  end: Readable,
  stream: Writable,
  broken: (error: unknown) => void,
): Promise<boolean> {
  return new Promise((resolve) => {
    const closed = (): void => {
      if (!end.readableEnded) broken(stream.errored ?? new Error(CLOSED));
    };
    end.on("close", () => {
      stream.off("error", broken).off("close", closed);
      resolve(end.readableEnded);
    });
    if (stream.destroyed) {
      closed();
      return;
    }
    stream.on("error", broken).on("close", closed);
    end.pipe(stream, { end: false });
  });
}
