import type { Readable, Writable } from "node:stream";
import { hearErrors } from "../session/index.ts";
import type { RunOptions } from "./options.ts";
import {
  type Borrowed,
  borrowReadable,
  borrowWritable,
  hasMethod,
  isWebReadable,
  isWebWritable,
  type WebWritable,
} from "./web-streams.ts";

/** Options whose streams are all of Node, and heard from now on. */
export interface BorrowedStreams {
  readonly options: RunOptions;
  /** Gives the caller's streams back. */
  giveBack(): Promise<void>;
}

/**
 * Takes the streams that a caller lent for a session. One that breaks before the session needs it
 * would end the process of the caller, if nobody heard it.
 */
export function borrowStreams(options: RunOptions): BorrowedStreams {
  const { stdin, stdout, stderr, signal } = options;
  const forget = hearErrors([stdin, stdout, stderr].filter(isNodeStream));
  const input = isWebReadable(stdin) ? borrowReadable(stdin) : undefined;
  /** One stream may serve both outputs, and has one writer. */
  const outputs = new Map<WebWritable, Borrowed<Writable>>();
  const lent: { stdin?: Readable; stdout?: Writable; stderr?: Writable } = {};
  if (input !== undefined) lent.stdin = input.stream;
  for (const [name, output] of [["stdout", stdout] as const, ["stderr", stderr] as const]) {
    if (!isWebWritable(output)) continue;
    const borrowed = outputs.get(output) ?? borrowWritable(output);
    outputs.set(output, borrowed);
    lent[name] = borrowed.stream;
  }
  return {
    options: { ...options, ...lent },
    giveBack: async () => {
      forget();
      await input?.giveBack(signal);
      for (const output of outputs.values()) await output.giveBack(signal);
    },
  };
}

function isNodeStream(value: unknown): value is Readable | Writable {
  return hasMethod(value, "on") && hasMethod(value, "off");
}
