import { printable, textOf } from "../../base/index.ts";
import { type ChannelDeclaration, type NetworkSource, stated } from "../manifest/index.ts";

/** A source cannot be connected, however long one waits; or the name server did not help. */
export class NetworkFailure extends Error {
  override readonly name = "NetworkFailure";
  /** Absent where it is not one channel's. */
  readonly channel: ChannelDeclaration | undefined;
  /** Exit code and state of the original. */
  readonly code: number;
  readonly state: string;
  constructor(
    message: string,
    fields: {
      readonly code: number;
      readonly state: string;
      readonly channel?: ChannelDeclaration;
      readonly cause: unknown;
    },
  ) {
    super(message, { cause: fields.cause });
    this.code = fields.code;
    this.state = fields.state;
    this.channel = fields.channel;
  }
}

/** The signal came first: for whom each channel still waits, a sentence each. */
export class NetworkAbort extends Error {
  override readonly name = "NetworkAbort";
  readonly waits: readonly string[];
  constructor(waits: readonly string[], cause: unknown) {
    super("Network channels were not connected in time", { cause });
    this.waits = waits;
  }
}

const CODE_FAULT = 14;

/** A source of a channel, by its place among the sources. */
export interface SourcePlace {
  readonly channel: ChannelDeclaration;
  readonly index: number;
  readonly source: NetworkSource;
}

/** Why a source cannot be bound or connected. */
export function sourceFailure(
  { channel, index, source }: SourcePlace,
  step: "bind" | "connect",
  cause: unknown,
): NetworkFailure {
  const why = hostReason(cause);
  const alias = printable(textOf(channel.alias));
  return new NetworkFailure(`Cannot ${step} ${printable(source.text)} of ${alias}: ${why}`, {
    code: CODE_FAULT,
    state: `cannot ${step} ${stated(channel.alias)};${index}: ${why}`,
    channel,
    cause,
  });
}

/** Why a name server did not help; its error has code and state of the original. */
export function nameFailure(cause: unknown, server: string): NetworkFailure {
  const { code, state } = cause as { readonly code?: unknown; readonly state?: unknown };
  const why = hostReason(cause);
  return new NetworkFailure(`The name server ${server} did not help: ${why}`, {
    code: typeof code === "number" ? code : CODE_FAULT,
    state: typeof state === "string" ? state : "name service failed",
    cause,
  });
}

function hostReason(cause: unknown): string {
  const { code } = cause as { readonly code?: unknown };
  const known = typeof code === "string" ? REASONS.get(code) : undefined;
  return known ?? (cause instanceof Error ? cause.message : String(cause));
}

const REASONS: ReadonlyMap<string, string> = new Map([
  ["EADDRINUSE", "the port is taken"],
  ["EADDRNOTAVAIL", "this host has no such address"],
  ["EACCES", "this user may not have the port"],
]);
