/** A cell without a process, for who wants to have used its own side of a session before one. */
import { closeSync } from "node:fs";
import { byteStringOfText } from "../../../base/index.ts";
import type { ChannelReport } from "../../../channels/index.ts";
import { makePipe, socketPair } from "../../libc/index.ts";
import { ANSWER_VERSION, encodeAnswer, WORD, writeFrame } from "../order/index.ts";
import type { LaunchedCell } from "./launched-cell.ts";

const NOTHING = {
  gets: 0,
  getBytes: 0,
  puts: 0,
  putBytes: 0,
  hostReads: 0,
  hostReadBytes: 0,
  hostWrites: 0,
  hostWriteBytes: 0,
  etag: undefined,
  interactive: false,
  hit: [],
} as const;

const HASH_DIGITS = 64;

/**
 * A cell that has said already how its session went, which has the three standard channels and
 * nothing else: its guest ended at once.
 * @returns the cell, and what is to be called when it has been used
 * @throws HostIoError when the system has no more descriptors
 */
export function imaginedCell(): { readonly cell: LaunchedCell; close(): void } {
  const [control, itsControl] = socketPair();
  const [itsLifeline, lifeline] = makePipe();
  const [itsStop, stop] = makePipe();
  const [words, itsWords] = makePipe();
  writeFrame(itsControl, WORD.STARTED);
  writeFrame(itsControl, WORD.ANSWER + ANSWER);
  return {
    cell: { control, lifeline, stop, words, walls: ["seccomp"], hasNamespaces: false, options: {} },
    close: () => {
      for (const fd of [itsControl, itsLifeline, itsStop, itsWords]) closeSync(fd);
    },
  };
}

const ANSWER = encodeAnswer({
  version: ANSWER_VERSION,
  outcome: { kind: "exited", code: 0 },
  channels: ["/dev/stdin", "/dev/stdout", "/dev/stderr"].map(channel),
  memory: { linearBytes: 0 },
  hits: [],
  denied: [],
  warnings: [],
  usage: { userMs: 0, systemMs: 0, residentBytes: 0 },
  times: { startMs: 0, aliveAtMs: 0, compileMs: 0, instantiateMs: 0, guestMs: 0, finishMs: 0 },
  ...{ traceHash: "0".repeat(HASH_DIGITS) },
});

function channel(alias: string): ChannelReport {
  const { etag: _, ...nothing } = NOTHING;
  return { alias: byteStringOfText(alias), ...nothing };
}
