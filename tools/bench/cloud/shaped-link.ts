import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";

/** A link of 1 Gbit/s to a host of its own on this machine. */
export interface ShapedLink {
  /** Our end of it. */
  readonly address: string;
  /** Runs a program at the other end. @returns milliseconds @throws Error where it fails */
  run(words: readonly string[]): number;
  /** Bytes that went to the other end so far, frames included. */
  sentBytes(): number;
  remove(): void;
}

const ADDRESS = "10.213.7.1";
const PEER = "10.213.7.2";
/** What a switch would queue; without it the rate is not reached. */
const SHAPE = ["tbf", "rate", "1gbit", "burst", "256k", "latency", "50ms"];

/** @returns undefined where this user may not make networks, or has no `ip` and `tc` */
export function makeLink(): ShapedLink | undefined {
  const name = `zvm${process.pid}`;
  const [near, far] = [`${name}a`.slice(-15), `${name}b`.slice(-15)];
  const steps = [
    ["ip", "netns", "add", name],
    ["ip", "link", "add", near, "type", "veth", "peer", "name", far, "netns", name],
    ["ip", "addr", "add", `${ADDRESS}/30`, "dev", near],
    ["ip", "link", "set", near, "up"],
    ["ip", "-n", name, "addr", "add", `${PEER}/30`, "dev", far],
    ["ip", "-n", name, "link", "set", far, "up"],
    ["tc", "qdisc", "add", "dev", near, "root", ...SHAPE],
  ];
  const remove = (): void => {
    spawnSync("ip", ["netns", "delete", name]);
    spawnSync("ip", ["link", "delete", near]);
  };
  for (const [program = "", ...args] of steps) {
    if (spawnSync(program, args).status === 0) continue;
    remove();
    return undefined;
  }
  return {
    address: ADDRESS,
    run: (words) => {
      const startMs = performance.now();
      const ran = spawnSync("ip", ["netns", "exec", name, ...words]);
      const ms = performance.now() - startMs;
      if (ran.status !== 0) throw new Error(`${words.join(" ")}: ${ran.status} ${ran.stderr}`);
      return ms;
    },
    sentBytes: () => Number(readFileSync(`/sys/class/net/${near}/statistics/tx_bytes`, "utf8")),
    remove,
  };
}
