import { ZvmError } from "../../base/index.ts";
import type { Order } from "./order.ts";
import { FIRST_CELL_FD } from "./order.ts";

/**
 * An order counts its descriptors from `FIRST_CELL_FD`, as a cell has them that inherited them.
 * Those that came over the socket have other numbers: `fds`, in the same order.
 * @throws ZvmError ZVM_ORDER when the order names one that did not come
 */
export function withDescriptors(order: Order, fds: readonly number[]): Order {
  const moved = <Owner extends { readonly fd: number }>(owner: Owner): Owner => {
    const fd = fds[owner.fd - FIRST_CELL_FD];
    if (fd === undefined) throw new ZvmError("ZVM_ORDER", `Descriptor ${owner.fd} did not come`);
    return { ...owner, fd };
  };
  return {
    ...order,
    program: moved(order.program),
    channels: order.channels.map((channel) => ({
      ...channel,
      sources: channel.sources.map(moved),
    })),
    images: order.images.map(moved),
  };
}
