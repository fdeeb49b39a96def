/**
 * The form of an intake: all that a session took in from outside, in the order in which it did.
 * `docs/reference/record.md` describes it byte by byte.
 */
import { ERRNO } from "../../../base/index.ts";
import { ChannelFailure } from "../../../channels/index.ts";

export const INTAKE_HEADER = "zerovm intake 1\n";

/** First byte of each record. */
export const TAKEN = { READ: 1, CLOCK: 2, ENTROPY: 3 } as const;

/** Bytes of a record before its data: kind, channel, source and size; or kind and time or size. */
export const READ_HEAD_BYTES = 9;
export const CLOCK_BYTES = 9;
export const ENTROPY_HEAD_BYTES = 5;

/** A source of a channel by its places in the order. */
export interface SourcePlace {
  readonly channel: number;
  readonly source: number;
  /** For messages. */
  readonly alias: string;
}

/** The intake cannot be written, or does not fit the session: it ends in order. */
export function intakeFailure(alias: string, state: string): ChannelFailure {
  return new ChannelFailure(ERRNO.EIO, alias, state);
}
