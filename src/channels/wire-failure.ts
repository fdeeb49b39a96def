import { byteStringOfText, ERRNO, HostIoError } from "../base/index.ts";
import { ChannelFailure, type SourceName } from "./channel-failure.ts";

/**
 * The session at the other end of a wire is lost, or does not keep to the protocol. The session
 * ends in order, and its report names the other one.
 */
export class PeerFailure extends ChannelFailure {
  override readonly name: string = "PeerFailure";
}

/** `ALIAS lost PEER: WHY`, and `ALIAS;N lost …` of one of several sources. */
export function peerLost(source: SourceName, peer: string, why: string): PeerFailure {
  const { alias, index, isOnly = false } = source;
  const name = isOnly ? alias : `${alias};${index}`;
  return new PeerFailure(ERRNO.EPIPE, alias, `${name} lost ${byteStringOfText(`${peer}: ${why}`)}`);
}

/** `ALIAS;N corrupted upon eof`: what came is not what was sent. */
export function corrupted({ alias, index }: SourceName): PeerFailure {
  return new PeerFailure(ERRNO.EPIPE, alias, `${alias};${index} corrupted upon eof`);
}

/** What a failed transfer says of the peer; a session whose time is over has not lost it. */
export function asPeerLost(source: SourceName, peer: string, error: unknown): unknown {
  if (!(error instanceof HostIoError) || error.code === "ETIMEDOUT") return error;
  return peerLost(source, peer, GONE[error.code] ?? error.message);
}

const GONE: Readonly<Record<string, string>> = {
  EPIPE: "it reads no more",
  ECONNRESET: "it closed the connection",
};
