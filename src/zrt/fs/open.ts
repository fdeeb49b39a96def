import { type ByteString, ERRNO, type Errno } from "../../base/index.ts";
import type { Access } from "./device.ts";
import type { Node } from "./node.ts";
import { OpenFile } from "./open-file.ts";
import type { Origin, Tree } from "./tree.ts";
import type { Place } from "./walk.ts";

/** How a path is opened. */
export interface OpenRequest extends Access {
  readonly create: boolean;
  readonly exclusive: boolean;
  readonly directory: boolean;
  readonly followLast: boolean;
}

/** Opens or makes a file; the caller has seen to it that a descriptor is free. */
export function open(
  tree: Tree,
  origin: Origin,
  path: ByteString,
  request: OpenRequest,
): OpenFile | Errno {
  const mode = request.create ? tree.takeMode(0o666) : 0;
  const followLast = request.followLast && !(request.create && request.exclusive);
  const place = tree.lookUp(origin, path, followLast);
  if (typeof place === "number") return place;
  const node = place.node ?? create(tree, place, request, mode);
  if (typeof node === "number") return node;
  if (place.node !== undefined) {
    const refused = judge(node, request);
    if (refused !== ERRNO.OK) return refused;
  }
  if (node.kind === "file" && request.truncate && request.write) {
    const cut = node.data.truncate(0);
    if (cut !== ERRNO.OK) return cut;
    tree.touch(node);
  }
  // Each directory is closed in itself, as other WASI hosts have it.
  const ceiling = node.kind === "directory" ? node : origin.ceiling;
  return new OpenFile(node, request, ceiling, tree.now);
}

function create(tree: Tree, place: Place, request: OpenRequest, mode: number): Node | Errno {
  if (!request.create) return ERRNO.ENOENT;
  if (place.wantsDirectory) return ERRNO.EISDIR;
  if (request.directory) return ERRNO.EINVAL;
  if (place.parent.volume.isDevices) return ERRNO.ENOENT;
  if (place.parent.volume.readonly) return ERRNO.EROFS;
  const made = tree.newFile(place.parent.volume, mode);
  if (typeof made === "number") return made;
  const entered = tree.enter(place.parent, place.name, made);
  return entered === ERRNO.OK ? made : entered;
}

function judge(node: Node, request: OpenRequest): Errno {
  if (request.create && request.exclusive) return ERRNO.EEXIST;
  switch (node.kind) {
    case "symlink":
      return ERRNO.ELOOP;
    case "directory":
      return request.write || request.truncate || request.create ? ERRNO.EISDIR : ERRNO.OK;
    case "device":
      if (request.directory) return ERRNO.ENOTDIR;
      return node.device.open(request);
    case "file":
      if (request.directory) return ERRNO.ENOTDIR;
      return request.write && node.volume.readonly ? ERRNO.EROFS : ERRNO.OK;
  }
}
