import { bytesOf } from "../../src/base/index.ts";
import {
  Channel,
  type ChannelType,
  type MemoryBackend,
  memoryBackend,
  sizeAtMount,
} from "../../src/channels/index.ts";

export interface TestChannelOptions {
  readonly alias: string;
  readonly type?: ChannelType;
  /** Letters of what its limits allow: `r`, `w`, `rw` or nothing. */
  readonly access?: string;
  readonly contents?: string;
  readonly putBytes?: bigint;
}

export interface TestChannel {
  readonly channel: Channel;
  readonly backend: MemoryBackend;
}

const PLENTY = 2n ** 63n - 1n;

/** A channel over a file in memory. */
export function testChannel(options: TestChannelOptions): TestChannel {
  const { alias, type = 0, access = "rw", contents = "", putBytes = PLENTY } = options;
  const [get, put] = [access.includes("r"), access.includes("w")];
  const limits = {
    gets: get ? PLENTY : 0n,
    getBytes: get ? PLENTY : 0n,
    puts: put ? PLENTY : 0n,
    putBytes: put ? putBytes : 0n,
  };
  const shape = { alias, type, etag: false, limits };
  const backend = memoryBackend(bytesOf(contents));
  const sizeBytes = sizeAtMount(shape, "file", contents.length);
  const channel = new Channel(shape, { backends: [backend], sizeBytes, hashName: "sha256" });
  return { channel, backend };
}

/** Standard streams as every session has them, and `more` behind them. */
export function testChannels(more: readonly TestChannelOptions[] = []): TestChannel[] {
  return [
    testChannel({ alias: "/dev/stdin", access: "r", contents: "typed" }),
    testChannel({ alias: "/dev/stdout", access: "w" }),
    testChannel({ alias: "/dev/stderr", access: "w" }),
    ...more.map(testChannel),
  ];
}
