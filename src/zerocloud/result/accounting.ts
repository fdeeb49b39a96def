import type { Accounting, InstanceResult, Traffic } from "./result.ts";

/** What the report of a session says of one of its channels. */
export interface ChannelTraffic {
  readonly alias: string;
  readonly hostReads: number;
  readonly hostReadBytes: number;
  readonly hostWrites: number;
  readonly hostWriteBytes: number;
}

/** What the report of a session says of its costs; a `Report` of `zerovm` is one. */
export interface SessionCosts {
  readonly times: { readonly userMs: number; readonly systemMs: number };
  readonly channels: readonly ChannelTraffic[];
}

const NO_TRAFFIC: Traffic = Object.freeze({ reads: 0, readBytes: 0, writes: 0, writtenBytes: 0 });

/** Accounting of an instance that never ran. */
export const NO_ACCOUNTING: Accounting = Object.freeze({
  seconds: 0,
  systemSeconds: 0,
  userSeconds: 0,
  local: NO_TRAFFIC,
  network: NO_TRAFFIC,
});

/**
 * The accounting of an instance.
 * @param seconds of the wall, transfers to and from it included
 * @param isNetwork whether the channel of an alias leads to another node
 */
export function accountingOf(
  { times, channels }: SessionCosts,
  seconds: number,
  isNetwork: (alias: string) => boolean,
): Accounting {
  return {
    seconds,
    systemSeconds: times.systemMs / 1000,
    userSeconds: times.userMs / 1000,
    local: sumOf(channels.filter(({ alias }) => !isNetwork(alias))),
    network: sumOf(channels.filter(({ alias }) => isNetwork(alias))),
  };
}

function sumOf(channels: readonly ChannelTraffic[]): Traffic {
  const sum = (count: (channel: ChannelTraffic) => number): number =>
    channels.reduce((total, channel) => total + count(channel), 0);
  return {
    reads: sum(({ hostReads }) => hostReads),
    readBytes: sum(({ hostReadBytes }) => hostReadBytes),
    writes: sum(({ hostWrites }) => hostWrites),
    writtenBytes: sum(({ hostWriteBytes }) => hostWriteBytes),
  };
}

/**
 * `X-Nexe-Cdr-Line`: the seconds of the job, then for each instance its seconds and ten numbers.
 * Split at commas it is one number and pairs, whatever became of the instances.
 */
export function accountingLine(
  seconds: number,
  instances: readonly Pick<InstanceResult, "accounting">[],
): string {
  const pairs = instances.map(({ accounting }) => {
    return `${accounting.seconds.toFixed(3)}, ${tenNumbers(accounting)}`;
  });
  const [first = [], ...others] = pairs.map((pair) => [pair]);
  return [[seconds.toFixed(3), ...first].join(", "), ...others].join(",");
}

/** CPU seconds of the system and the user, then both kinds of channels. */
export function tenNumbers({ systemSeconds, userSeconds, local, network }: Accounting): string {
  const traffic = [local, network].flatMap(({ reads, readBytes, writes, writtenBytes }) => {
    return [reads, readBytes, writes, writtenBytes];
  });
  return [systemSeconds.toFixed(2), userSeconds.toFixed(2), ...traffic].join(" ");
}
