import { sha256By } from "../../../base/index.ts";
import { STACK_START, TRAMPOLINES_START } from "../../../nacl/elf/index.ts";
import {
  GUEST_REGISTERS,
  type NexeImage,
  type NexeStretch,
  readNexeImage,
} from "../../../nacl/frozen/index.ts";
import { hostHash } from "../machine/index.ts";
import type { Order, OrderFileSpan, OrderNexe } from "../order/index.ts";
import { NEXE_BASE } from "./nexe-guest.ts";
import { writeVectors } from "./vector-access.ts";

const BUNDLE_BYTES = 32;

/**
 * The image that the guest of an order goes on from; undefined for one that begins, and for a
 * module, which has its state in itself.
 * @throws ZvmError ZVM_PROGRAM_REFUSED for an image that is damaged: the host has judged it before
 */
export function imageOf(
  { nexe, frozen }: Pick<Order, "nexe" | "frozen">,
  read: (span: OrderFileSpan) => Uint8Array,
): NexeImage | undefined {
  if (nexe?.further === undefined || frozen === undefined) return undefined;
  return readNexeImage(read(nexe.further.program), sha256By(hostHash));
}

/** Puts the guest's memory and registers back as they were; its start then makes the call. */
export function resumeNexe(
  image: NexeImage,
  nexe: OrderNexe,
  exports: Readonly<Record<string, unknown>>,
  memory: WebAssembly.Memory,
): void {
  restoreMemory(image.memory, nexe, new Uint8Array(memory.buffer));
  const set = (name: string, value: bigint | number): void => {
    const global = exports[name] as { value: bigint | number } | undefined;
    if (global !== undefined) global.value = value;
  };
  for (const [at, { name, isWide }] of GUEST_REGISTERS.entries()) {
    const value = image.state.registers[at] ?? 0n;
    set(name, isWide ? value : Number(value));
  }
  writeVectors(exports, image.state.vectors);
  set("pc", TRAMPOLINES_START + BUNDLE_BYTES * image.state.call);
  set("resumed", 1);
}

/** What the module begins with is cleared first: some of it may have become zeros. */
function restoreMemory(
  memory: readonly NexeStretch[],
  { heap, regions }: OrderNexe,
  bytes: Uint8Array,
): void {
  bytes.fill(0, 0, heap.start - NEXE_BASE);
  for (const { start, bytes: stretch } of memory) bytes.set(stretch, start - NEXE_BASE);
  // What tells of the channels is that of the new session, which has its own.
  const at = regions.findIndex(({ end }) => end === STACK_START);
  const told = regions[at - 1]?.end ?? STACK_START;
  bytes.fill(0, told - NEXE_BASE, STACK_START - NEXE_BASE);
}
