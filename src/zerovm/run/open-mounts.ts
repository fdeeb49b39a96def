import type { ByteString, Limits } from "../../base/index.ts";
import type { Member } from "../../tar/index.ts";
import type { ZrtConfig } from "../../zrt/index.ts";
import { type OpenedImage, openImage } from "../image/index.ts";
import { type Report, withOutcome } from "../report/index.ts";
import { limitsOf, runSession, type SessionImage, type SessionRequest } from "../session/index.ts";
import type { Plan } from "./build-plan.ts";
import type { Folders } from "./folders.ts";
import { judgeMounts } from "./judge-mounts.ts";
import { refuseImagesInside } from "./returned-members.ts";

/** The original's code for a session that a signal ended. */
const CODE_SIGNAL = 4;

/** An image that was opened, as a session mounts it. */
export interface MountedImage {
  readonly path: string;
  readonly mountpoint: ByteString;
  readonly members: readonly Member[];
  readonly opened: OpenedImage;
  readonly session: SessionImage;
}

type ImageOpener = (limits: Limits, signal: AbortSignal | undefined) => Promise<MountedImage>;

/** Images named by options are opened here, where one that is malformed is an error. */
function imagesOf({ manifest, config }: Plan, folder: string | undefined): ImageOpener[] {
  return config.mounts.flatMap(({ access, channel, mountpoint, readonly, meta }) => {
    const source = manifest.channels.find(({ alias }) => alias === channel)?.sources[0];
    if (access !== "ro" || source?.kind !== "path") return [];
    return [
      async (limits, signal): Promise<MountedImage> => {
        const opened = await openImage(source.path, {
          mountpoint,
          imageBytes: limits["image-bytes"],
          membersMax: limits["fs-nodes"],
          cache: folder === undefined ? undefined : { folder },
          signal,
        });
        const { fd, sizeBytes, table: members } = opened;
        const common = { mountpoint, readonly, meta, isFolder: false };
        const session = { fd, sizeBytes, members, ...common };
        return {
          path: source.path,
          mountpoint,
          // Few sessions look at each of them.
          get members() {
            return opened.members;
          },
          opened,
          session,
        };
      },
    ];
  });
}

/**
 * Opens the images and takes the snapshots, which may cost minutes: all else is judged before,
 * and between them an interruption is heard.
 *
 * @param images gets each as it is opened, so that the caller can close them
 * @param folder where indexes of images are kept, if there is one
 * @returns the report of a session that need not start any more.
 */
export async function openMounts(
  plan: Plan,
  request: SessionRequest,
  folders: Folders,
  { images, folder }: { images: MountedImage[]; folder: string | undefined },
): Promise<Report | undefined> {
  const openers = imagesOf(plan, folder);
  if (openers.length === 0 && plan.folders.length === 0) return undefined;
  const judged = await runSession({ ...request, judgeOnly: true });
  if (judged.outcome.kind !== "judged") return judged;
  const { signal } = request;
  const limits = limitsOf(plan.manifest);
  try {
    for (const open of openers) {
      if (signal?.aborted === true) return interrupted(judged);
      images.push(await open(limits, signal));
    }
    refuseImagesInside(plan.folders, images);
    await folders.take(signal);
    if (signal?.aborted !== true) {
      const mounted = images.map(({ path, session }) => ({ ...session, path }));
      judgeMounts([...mounted, ...folders.mounts], limits);
    }
  } catch (error) {
    if (signal?.aborted !== true) throw error;
  }
  return signal?.aborted === true ? interrupted(judged) : undefined;
}

function interrupted(report: Report): Report {
  const message = "session interrupted";
  return withOutcome(report, { kind: "lost", cause: "interrupted", message, code: CODE_SIGNAL });
}

/** The records of what is written at the end. */
export function exportsOf(config: ZrtConfig): ZrtConfig["mounts"] {
  return config.mounts.filter(({ access }) => access === "wo");
}
