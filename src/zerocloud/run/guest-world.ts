import { type ByteString, byteStringOfText } from "../../base/index.ts";
import {
  configWith,
  formatNvram,
  type MappingMode,
  type MappingRecord,
  type MountRecord,
  splitArguments,
  type ZrtConfig,
} from "../../zrt/nvram/index.ts";
import { localEnvironment, type Variable } from "../cgi/index.ts";
import type { NodeEnd, PlannedChannel, PlannedNode } from "../plan/index.ts";
import type { ItemStat } from "../storage/index.ts";
import { localFacts } from "./local-facts.ts";

/** How a device is called in the guest. */
export function aliasOf(device: string): ByteString {
  return byteStringOfText(`/dev/${device}`);
}

/** What a node's program is told: arguments, environment, and how its channels show. */
export function guestConfig(
  node: PlannedNode,
  request: readonly Variable[],
  attached: ItemStat | undefined,
  ends: readonly NodeEnd[] = [],
): ZrtConfig {
  const name = byteStringOfText(node.programName);
  return configWith({
    args: [name, ...splitArguments(byteStringOfText(node.args)).args],
    env: variablesOf(node, request, attached),
    mounts: [],
    mapping: [...node.channels.map(mappingOf), ...ends.map(pipeOf)],
  });
}

/**
 * The text on `/dev/nvram`, for guests that look at it: the same configuration, and the images,
 * which the session has mounted by then.
 * @throws ZvmError ZVM_NVRAM naming what such a text cannot hold
 */
export function nvramText(config: ZrtConfig, images: readonly PlannedChannel[]): Uint8Array {
  const mounts = images.map(mountOf);
  return formatNvram({ ...config, mounts }, Number.POSITIVE_INFINITY);
}

/** First what is known of the attached object, then the job's variables, then the request's. */
function variablesOf(
  node: PlannedNode,
  request: readonly Variable[],
  attached: ItemStat | undefined,
): [ByteString, ByteString][] {
  const local = localFacts(node, attached);
  const ordered = [
    ...(local === undefined ? [] : localEnvironment(local)),
    ...Object.entries(node.env),
    ...request,
  ];
  return [...new Map(ordered)]
    .filter(([, value]) => value !== "")
    .map(([name, value]) => [byteStringOfText(name), byteStringOfText(value)]);
}

/** A block device is one that is read anywhere, as a file is. */
const MODES: Readonly<Record<PlannedChannel["mode"], MappingMode>> = {
  file: "file",
  char: "char",
  pipe: "pipe",
  block: "file",
};

function mappingOf({ device, mode, kind, type }: PlannedChannel): MappingRecord {
  // What is written anywhere can be cut as a file can.
  const truncate = (kind === "stored" || kind === "response") && type === 3;
  return { channel: aliasOf(device), mode: MODES[mode], truncate };
}

/** What leads to another node is a pipe, also for who opens it to be cut. */
function pipeOf({ device }: NodeEnd): MappingRecord {
  return { channel: aliasOf(device), mode: "pipe", truncate: false };
}

function mountOf({ device, kind }: PlannedChannel): MountRecord {
  return {
    channel: aliasOf(device),
    mountpoint: "/",
    access: "ro",
    readonly: false,
    meta: "archive",
    removable: kind === "posted-image",
    fsname: "tar",
  };
}
