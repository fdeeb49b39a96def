import { type ByteString, type Limits, printable, textOf, ZvmError } from "../../base/index.ts";
import { isReadable } from "../../channels/index.ts";
import type { MountRecord, ZrtConfig } from "../../zrt/nvram/index.ts";
import type { OrderExport } from "../cell/index.ts";
import { type OpenedImage, openImage } from "../image/index.ts";
import {
  type ChannelDeclaration,
  guestOrder,
  type Manifest,
  makeFinding,
} from "../manifest/index.ts";
import { cacheFolder } from "../program/index.ts";
import type { RefusalFinding } from "../report/index.ts";
import { standardFd } from "./host-file.ts";
import { withErrorCodes } from "./judge-session.ts";
import type { SessionImage } from "./request.ts";

/** What the records of `[fstab]` come to. */
export interface Mounts {
  /** Owned by whoever asked for them. */
  readonly images: readonly SessionImage[];
  readonly warnings: readonly string[];
}

const CODE_FAULT = 14;

/** `wo` records as exports, by index of the channel in guest order. */
export function exportsOf(
  config: ZrtConfig,
  channels: readonly ChannelDeclaration[],
): { readonly exports: readonly OrderExport[]; readonly findings: readonly RefusalFinding[] } {
  const exports: OrderExport[] = [];
  const findings: RefusalFinding[] = [];
  const ordered = guestOrder(channels);
  for (const record of config.mounts) {
    if (record.access !== "wo") continue;
    const channel = ordered.findIndex(({ alias }) => alias === record.channel);
    if (channel >= 0) exports.push({ channel, mountpoint: record.mountpoint });
    else findings.push(...missingChannel(record));
  }
  return { exports, findings };
}

/** What cannot be written at the end is better known before the start. */
function missingChannel({ channel, mountpoint }: MountRecord): RefusalFinding[] {
  const alias = shown(channel);
  const finding = makeFinding({
    stage: "mount",
    code: CODE_FAULT,
    state: `cannot export to ${alias}`,
    message: `There is no channel ${alias} to export ${shown(mountpoint)} to`,
    expected: "the alias of a channel that can be written",
  });
  return withErrorCodes([finding], "ZVM_NVRAM");
}

/**
 * `ro` records as images. One that cannot be used is left out with a warning and the session
 * goes on, as the original did.
 */
export async function openMounts(
  config: ZrtConfig,
  channels: readonly ChannelDeclaration[],
  limits: Limits,
): Promise<Mounts & { close(): void }> {
  const images: SessionImage[] = [];
  const warnings: string[] = [];
  const closers: (() => void)[] = [];
  const folder = cacheFolder();
  const close = (): void => {
    for (const one of closers) one();
  };
  for (const record of config.mounts) {
    if (record.access !== "ro") continue;
    try {
      const image = await openImage(pathOf(record, channels), {
        imageBytes: limits["image-bytes"],
        membersMax: limits["fs-nodes"],
        mountpoint: record.mountpoint,
        cache: folder === undefined ? undefined : { folder },
      });
      closers.push(() => image.close());
      images.push(sessionImage(image, record));
      warnings.push(...image.warnings);
    } catch (error) {
      if (!(error instanceof ZvmError)) {
        close();
        throw error;
      }
      warnings.push(notMounted(record, error));
    }
  }
  return { images, warnings, close };
}

function sessionImage(
  { fd, sizeBytes, table: members }: OpenedImage,
  record: MountRecord,
): SessionImage {
  const { mountpoint, readonly, meta } = record;
  return { fd, sizeBytes, members, mountpoint, readonly, meta, isFolder: false };
}

/** The file behind the channel of a record. @throws ZvmError when there is none. */
function pathOf(record: MountRecord, channels: readonly ChannelDeclaration[]): string {
  const channel = channels.find(({ alias }) => alias === record.channel);
  if (channel === undefined) throw unusable("there is no such channel");
  if (!isReadable(channel.limits)) throw unusable("the channel cannot be read");
  const [source] = channel.sources;
  if (source?.kind !== "path" || channel.sources.length > 1) {
    throw unusable("the channel must have one file as its source");
  }
  if (standardFd(source.path) !== undefined) throw unusable("the channel is a stream");
  return source.path;
}

function unusable(reason: string): ZvmError {
  return new ZvmError("ZVM_CHANNEL", reason);
}

function notMounted({ channel, mountpoint }: MountRecord, error: ZvmError): string {
  return `Image ${shown(channel)} is not mounted on ${shown(mountpoint)}: ${error.message}`;
}

function shown(bytes: ByteString): string {
  return printable(textOf(bytes));
}

/** The images that a configuration mounts; nothing is opened where it mounts none. */
export async function mountsOf(
  config: ZrtConfig,
  manifest: Manifest,
  limits: Limits,
): Promise<Mounts & { close(): void }> {
  if (!config.mounts.some(({ access }) => access === "ro")) {
    return NO_MOUNTS;
  }
  return await openMounts(config, manifest.channels, limits);
}

/** Nothing is mounted. */
export const NO_MOUNTS = { images: [], warnings: [], close: () => undefined };
