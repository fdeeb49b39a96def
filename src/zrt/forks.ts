/** Descriptors of `/dev/zfork`, with which a guest goes on where another one was frozen. */
import { ForkDevice } from "./dev/index.ts";
import type { DescriptorTable, OpenFile } from "./fs/index.ts";

/**
 * Whether it is the file whose first read is the point: who goes on there opens it again. One that
 * has two descriptors would become two.
 */
export function isFork({ node, position, descriptorCount }: OpenFile): boolean {
  const isDevice = node.kind === "device" && node.device instanceof ForkDevice;
  return isDevice && position === 0 && descriptorCount === 1;
}

/** Descriptors of that file, in ascending order. */
export function forksOf(descriptors: DescriptorTable): number[] {
  return [...descriptors.open()].flatMap(([fd, file]) => (isFork(file) ? [fd] : []));
}

/**
 * Judges the descriptors with which a guest goes on.
 * @param most how many descriptors it may have open
 * @throws WebAssembly.LinkError naming one that has another file here, such as a folder
 */
export function judgeForks(
  fds: readonly number[],
  descriptors: DescriptorTable,
  most: number,
): void {
  if (fds.length > most) {
    throw new WebAssembly.LinkError(
      `The guest goes on with ${fds.length} open files, and may have ${most}`,
    );
  }
  const open = new Set(forksOf(descriptors));
  const missing = fds.find((fd) => !open.has(fd));
  if (missing === undefined) return;
  throw new WebAssembly.LinkError(
    `The guest goes on with /dev/zfork as its descriptor ${missing}, which is another here`,
  );
}
