import { assert, type ByteString } from "../../base/index.ts";
import type { ChannelDeclaration } from "../manifest/index.ts";
import type { Substitute } from "../session/index.ts";
import { type Collected, collector } from "./collector.ts";
import type { Input, Output, SessionOptions } from "./options.ts";
import { isWebReadable, isWebWritable } from "./web-streams.ts";

/** Most that is kept of one collected stream: the guest's put limit then answers. */
export const COLLECTED_BYTES_MAX = 64 * 2 ** 20;

/**
 * Standard streams of the host, or what the caller put in their place. A channel that was
 * declared in place of a standard stream stays as it is.
 */
export class StandardStreams {
  readonly #substitutes = new Map<ByteString, Substitute>();
  readonly #nulls = new Set<ByteString>();
  readonly #collected = new Map<ByteString, Collected>();
  readonly #standard: ReadonlySet<ByteString>;

  constructor(
    { stdin = "ignore", stdout = "collect", stderr = "collect" }: SessionOptions,
    channels: readonly ChannelDeclaration[],
  ) {
    this.#standard = new Set(channels.filter(isStandard).map(({ alias }) => alias));
    this.#input("/dev/stdin", stdin);
    this.#output("/dev/stdout", stdout);
    this.#output("/dev/stderr", stderr);
  }

  get substitutes(): ReadonlyMap<ByteString, Substitute> {
    return this.#substitutes;
  }

  /** The channels with the null device where a stream is ignored, and bounded where collected. */
  adapt(channels: readonly ChannelDeclaration[]): ChannelDeclaration[] {
    return channels.map((channel) => {
      if (this.#nulls.has(channel.alias)) {
        return { ...channel, sources: [{ kind: "path", path: "/dev/null" }] };
      }
      if (!this.#collected.has(channel.alias)) return channel;
      const putBytes = BigInt(COLLECTED_BYTES_MAX);
      return { ...channel, limits: { ...channel.limits, putBytes } };
    });
  }

  collected(): { readonly stdout: Uint8Array; readonly stderr: Uint8Array } {
    const bytesOf = (alias: ByteString): Uint8Array =>
      this.#collected.get(alias)?.bytes() ?? new Uint8Array(0);
    return { stdout: bytesOf("/dev/stdout"), stderr: bytesOf("/dev/stderr") };
  }

  #input(alias: ByteString, input: Input): void {
    if (input === "inherit" || !this.#standard.has(alias)) return;
    if (input === "ignore") this.#nulls.add(alias);
    else if (input instanceof Uint8Array) this.#contents(alias, input);
    else if ("text" in input) this.#contents(alias, new TextEncoder().encode(input.text));
    else {
      assert(!isWebReadable(input), "a web stream was borrowed before");
      this.#substitutes.set(alias, { kind: "readable", stream: input });
    }
  }

  #contents(alias: ByteString, bytes: Uint8Array): void {
    this.#substitutes.set(alias, { kind: "contents", bytes });
  }

  #output(alias: ByteString, output: Output): void {
    if (output === "inherit" || !this.#standard.has(alias)) return;
    if (output === "ignore") {
      this.#nulls.add(alias);
      return;
    }
    if (output !== "collect") {
      assert(!isWebWritable(output), "a web stream was borrowed before");
      this.#substitutes.set(alias, { kind: "writable", stream: output });
      return;
    }
    const collected = collector(COLLECTED_BYTES_MAX);
    this.#collected.set(alias, collected);
    this.#substitutes.set(alias, { kind: "writable", stream: collected.stream });
  }
}

function isStandard({ alias, sources: [source] }: ChannelDeclaration): boolean {
  return source?.kind === "path" && source.path === alias;
}
