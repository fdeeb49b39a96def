import { ZvmError } from "../../../base/index.ts";
import type { ModuleOrder } from "./module-order.ts";
import type { Order, OrderFileSpan, OrderNexe, OrderSource } from "./order.ts";
import { FIRST_CELL_FD } from "./order.ts";

/**
 * An order counts its descriptors from `FIRST_CELL_FD`, as a cell has them that inherited them.
 * Those that came over the socket have other numbers: `fds`, in the same order.
 * @throws ZvmError ZVM_ORDER when the order names one that did not come
 */
export function withDescriptors(order: Order, fds: readonly number[]): Order {
  return renumbered(order, (named) => arrived(named, fds));
}

/** As `withDescriptors`, for what is to be compiled. */
export function withModule(order: ModuleOrder, fds: readonly number[]): ModuleOrder {
  return { ...order, module: { ...order.module, fd: arrived(order.module.fd, fds) } };
}

function arrived(named: number, fds: readonly number[]): number {
  const fd = fds[named - FIRST_CELL_FD];
  if (fd === undefined) throw new ZvmError("ZVM_ORDER", `Descriptor ${named} did not come`);
  return fd;
}

/** An order with another number for each of its descriptors. */
export function renumbered(order: Order, numberOf: (fd: number) => number): Order {
  const moved = <Owner extends { readonly fd: number }>(owner: Owner): Owner => {
    return { ...owner, fd: numberOf(owner.fd) };
  };
  const movedSource = (source: OrderSource): OrderSource => {
    return source.kind === "replayed" ? source : moved(source);
  };
  const { recording, replay, traceLog, freezes, nexe } = order;
  return {
    ...order,
    program: moved(order.program),
    ...(nexe !== undefined && { nexe: movedNexe(nexe, moved) }),
    channels: order.channels.map((channel) => ({
      ...channel,
      sources: channel.sources.map(movedSource),
    })),
    images: order.images.map(moved),
    ...(freezes !== undefined && { freezes: moved(freezes) }),
    ...(recording !== undefined && { recording: moved(recording) }),
    ...(replay !== undefined && { replay: moved(replay) }),
    ...(traceLog !== undefined && { traceLog: moved(traceLog) }),
  };
}

function movedNexe(nexe: OrderNexe, moved: (span: OrderFileSpan) => OrderFileSpan): OrderNexe {
  const { further } = nexe;
  if (further === undefined) return nexe;
  const { program, translator } = further;
  const tools = translator === undefined ? {} : { translator: moved(translator) };
  return { ...nexe, further: { ...further, program: moved(program), ...tools } };
}
