import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  type ChannelDeclaration,
  freezeManifest,
  type Manifest,
} from "../../src/zerovm/manifest/index.ts";

const UNLIMITED = 2n ** 63n - 1n;

/** A channel with one source and no limits but its direction. */
export function channel(
  alias: string,
  path: string,
  access: "ro" | "wo" | "rw",
  fields: Partial<ChannelDeclaration> = {},
): ChannelDeclaration {
  const gets = access === "wo" ? 0n : UNLIMITED;
  const puts = access === "ro" ? 0n : UNLIMITED;
  return {
    alias,
    type: 0,
    etag: false,
    limits: { gets, getBytes: gets, puts, putBytes: puts },
    sources: [{ kind: "path", path }],
    ...fields,
  };
}

/** The three standard channels on `/dev/null`, others in place of or besides them. */
export function channelsWith(...others: readonly ChannelDeclaration[]): ChannelDeclaration[] {
  const standard = [
    channel("/dev/stdin", "/dev/null", "ro"),
    channel("/dev/stdout", "/dev/null", "wo"),
    channel("/dev/stderr", "/dev/null", "wo"),
  ];
  const replaced = standard.filter((it) => !others.some(({ alias }) => alias === it.alias));
  return [...replaced, ...others];
}

/** A manifest for a program that is written to `folder` first. */
export function manifestFor(
  folder: string,
  program: Uint8Array,
  fields: Partial<Manifest> = {},
): Manifest {
  const path = join(folder, "program.wasm");
  writeFileSync(path, program);
  return freezeManifest({
    program: path,
    memory: { sizeBytes: 2 ** 32, etag: false },
    timeoutSeconds: 20,
    channels: channelsWith(),
    clock: 0,
    seed: 0n,
    limits: {},
    ...fields,
  });
}

/** The numbers of this process's open descriptors. */
export function openDescriptors(): string[] {
  return readdirSync("/proc/self/fd").sort();
}

/**
 * Those that are open now and were not then. What was about to be closed then may be gone: the
 * cells of an earlier test close theirs when they have ended.
 */
export function openedSince(before: readonly string[]): string[] {
  return openDescriptors().filter((fd) => !before.includes(fd));
}

/** The processes that this one started, or that those started, and that have no others below. */
export function childProcesses(): string[] {
  return readdirSync(`/proc/${process.pid}/task`).flatMap((task) => lastOf(process.pid, task));
}

function lastOf(pid: number | string, task: string): string[] {
  const text = readIfThere(`/proc/${pid}/task/${task}/children`);
  return text.split(" ").flatMap((child) => {
    if (child === "") return [];
    const below = lastOf(child, child);
    return below.length > 0 ? below : [child];
  });
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
