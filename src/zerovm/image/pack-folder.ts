import { ZvmError } from "../../base/index.ts";
import { tabulateTar } from "../../tar/index.ts";
import { writeEntries } from "./entry.ts";
import { attempt, hostFailure, shownPath } from "./host-failure.ts";
import { HostTree } from "./host-tree.ts";
import {
  type ImageLimits,
  imageBytesMax,
  membersMax,
  type OpenedImage,
  openedImage,
} from "./opened-image.ts";
import { scanningFolder } from "./scan-folder.ts";
import { Spool } from "./spool.ts";
import { Turns } from "./turns.ts";

export interface PackOptions extends ImageLimits {
  /** Ends the packing; its reason is thrown, and nothing is left behind. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Takes a snapshot of a host folder as an image: the same folder gives the same bytes. Symbolic
 * links stay links, several names of a file stay one file; sockets, pipes and devices are left
 * out, with a warning each.
 * @throws ZvmError ZVM_FILE that names what cannot be read, or when the folder passes a limit.
 */
export async function packFolder(
  hostPath: string,
  options: PackOptions = {},
): Promise<OpenedImage> {
  const name = shownPath(hostPath);
  const tree = attempt(`pack the folder ${name}`, () => new HostTree(hostPath));
  let spool: Spool | undefined;
  try {
    const limits = { membersMax: membersMax(options) };
    const turns = new Turns(options.signal);
    const scan = scanningFolder(tree, { hostPath, prefix: "", ...limits });
    const { entries, warnings } = await turns.through(scan);
    const limitBytes = imageBytesMax(options);
    const overLimit = (): ZvmError =>
      new ZvmError(
        "ZVM_FILE",
        `Cannot pack the folder ${name}: it needs more than ${limitBytes} bytes; ` +
          "raise the limit image-bytes if that is meant",
      );
    spool = new Spool({ limitBytes, overLimit, temporaryFolder: options.temporaryFolder });
    await turns.through(writeEntries(entries, spool), ({ bytesTotal }) => {
      if (bytesTotal > limitBytes) throw overLimit();
    });
    spool.finish();
    await turns.take();
    return openedImage(
      spool.fd,
      spool.sizeBytes,
      (source) => tabulateTar(source, { name: hostPath, links: "kept", ...limits }),
      { compressed: false, warnings },
    );
  } catch (error) {
    spool?.close();
    throw hostFailure(`pack the folder ${name}`, error);
  } finally {
    tree.close();
  }
}
