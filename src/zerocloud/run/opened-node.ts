import { printable, ZvmError } from "../../base/index.ts";
import type { ZrtConfig } from "../../zrt/nvram/index.ts";
import type { NodeEnd, PlannedChannel, PlannedNode } from "../plan/index.ts";
import { guestConfig, nvramText } from "./guest-world.ts";
import type { JobFiles } from "./job-files.ts";
import type { JobImage } from "./job-image.ts";
import { type SessionBase, sessionBase } from "./node-manifest.ts";
import { allowOutputs, attachedFirst, requestVariables } from "./node-rights.ts";
import type { OpenedItem } from "./opened-item.ts";
import type { ProgramFile, TakenProgram } from "./program-shelf.ts";
import { diskWords, Refusal, refused, statusOf } from "./refusal.ts";
import type { JobRequest } from "./settings.ts";

/** A node that may begin: all that it needs is allowed and open. */
export interface OpenedNode {
  readonly node: PlannedNode;
  readonly base: SessionBase;
  readonly program: TakenProgram;
  readonly config: ZrtConfig;
  readonly nvram: Uint8Array;
  readonly inputs: ReadonlyMap<PlannedChannel, OpenedItem>;
  /** Its channels to other nodes, in the order of the manifest. */
  readonly ends: readonly NodeEnd[];
  /** In the order in which they are mounted: what comes later lies over what comes before. */
  readonly images: ReadonlyMap<PlannedChannel, JobImage>;
}

/**
 * Asks for every right of a node and opens what it reads, before anything runs.
 * @throws Refusal with the status and text that clients get
 */
export async function openNode(
  node: PlannedNode,
  files: JobFiles,
  request: JobRequest,
  ends: readonly NodeEnd[] = [],
): Promise<OpenedNode> {
  const inputs = new Map<PlannedChannel, OpenedItem>();
  for (const channel of attachedFirst(node)) {
    if (channel.kind === "input") inputs.set(channel, await files.input(channel.item));
  }
  const images = await openImages(node, files);
  const base = sessionBase(node, request);
  const program = await files.program(await programOf(node, files, images), base.manifest);
  await allowOutputs(node, files.storage);
  const local = node.channels.find(({ device }) => device === node.attachment?.device);
  const attached = local === undefined ? undefined : inputs.get(local)?.stat;
  const config = guestConfig(node, requestVariables(node, request), attached, ends);
  try {
    const nvram = nvramText(config, [...images.keys()]);
    return { node, base, program, config, nvram, inputs, ends, images };
  } catch (error) {
    throw refused(error, () => (error instanceof Error ? error.message : String(error)));
  }
}

/** System images lie below the image of the job. */
async function openImages(
  { channels }: PlannedNode,
  files: JobFiles,
): Promise<Map<PlannedChannel, JobImage>> {
  const images = new Map<PlannedChannel, JobImage>();
  const isSystem = ({ kind }: PlannedChannel): boolean => kind === "system-image";
  const ordered = [...channels.filter(isSystem), ...channels.filter((it) => !isSystem(it))];
  for (const channel of ordered) {
    const image = await openImage(channel, files);
    if (image !== undefined) images.set(channel, image);
  }
  return images;
}

async function openImage(channel: PlannedChannel, files: JobFiles): Promise<JobImage | undefined> {
  try {
    switch (channel.kind) {
      case "system-image":
        return (await files.systemImage(channel.device)) ?? unresolved(channel.device);
      case "posted-image":
        return (await files.postedImage()) ?? unresolved(channel.device);
      case "input":
        return channel.access === "overlay" ? await files.imageOf(channel.item) : undefined;
      default:
        return undefined;
    }
  } catch (error) {
    const message = `Failed to read the image of device ${channel.device}${diskWords(error)}`;
    if (!(error instanceof ZvmError)) throw error;
    throw new Refusal(error.code === "ZVM_TAR" ? 422 : statusOf(error), message, error);
  }
}

function unresolved(device: string): never {
  throw new Refusal(400, `Could not resolve channel path "" for device: ${device}`);
}

async function programOf(
  { program }: PlannedNode,
  files: JobFiles,
  images: ReadonlyMap<PlannedChannel, JobImage>,
): Promise<ProgramFile> {
  const { url } = program;
  if (program.kind === "object") {
    return await files.programOf(program.item, url);
  }
  const named = [...images].find(([{ device }]) => device === program.image)?.[1];
  const image = named ?? (await imageByName(program.image, files));
  const file = image?.file(program.path);
  if (file === undefined) {
    const missing = image === undefined ? "which is not there" : "which has no such file";
    const where = program.image === "image" ? "of the job" : program.image;
    const what = `${printable(url)} is in the image ${where}, ${missing}`;
    throw new Refusal(400, `No executable found in request: ${what}`);
  }
  return { url, open: async () => ({ pieces: [file] }) };
}

async function imageByName(name: string, files: JobFiles): Promise<JobImage | undefined> {
  return name === "image" ? await files.postedImage() : await files.systemImage(name);
}
