import { TRAMPOLINES_START } from "../../../nacl/elf/index.ts";
import {
  GUEST_REGISTERS,
  STRETCH_BYTES_MAX,
  writeNexeState,
  writeStretchHead,
} from "../../../nacl/frozen/index.ts";
import type { FrozenGuest, OrderFreezing, OrderNexe, OrderRange } from "../order/index.ts";
import { cutMessage } from "./ending.ts";
import { NEXE_BASE } from "./nexe-guest.ts";
import { readVectors } from "./vector-access.ts";
import type { World } from "./world.ts";

/** Where a program of Native Client is taken down. */
export interface NexeAtPoint {
  readonly exports: Readonly<Record<string, unknown>>;
  readonly memory: WebAssembly.Memory;
  /** Whether it made code of its own. */
  readonly madeCode: boolean;
}

const ZEROS = Buffer.alloc(STRETCH_BYTES_MAX);
const BUNDLE_SHIFT = 5;

/**
 * Takes down a guest that waits in a call: state and memory go to the file.
 * @throws HostIoError when the host cannot write
 */
export function takeNexe(
  { zrt, progress, descriptors }: World,
  { fd }: OrderFreezing,
  nexe: OrderNexe,
  { exports, memory, madeCode }: NexeAtPoint,
): FrozenGuest {
  const { clockNs = 0n, entropyBytes = 0n } = progress ?? {};
  const made = madeCode ? ["It made code of its own, which no image holds"] : [];
  const problems = [...made, ...zrt.leftovers()].map(cutMessage);
  if (problems.length > 0) return { values: [], clockNs, entropyBytes, problems };
  let end = 0;
  const write = (bytes: Uint8Array): void => {
    descriptors.write(fd, bytes, 0, bytes.length, end);
    end += bytes.length;
  };
  const wordOf = (name: string): bigint => BigInt((exports[name] as { value: bigint }).value);
  write(
    writeNexeState({
      call: (Number(wordOf("pc")) - TRAMPOLINES_START) >> BUNDLE_SHIFT,
      registers: GUEST_REGISTERS.map(({ name, isWide }) => {
        return BigInt.asUintN(isWide ? 64 : 32, wordOf(name));
      }),
      vectors: readVectors(exports),
      world: zrt.naclState(),
    }),
  );
  const bytes = new Uint8Array(memory.buffer);
  for (const { start, end } of usedParts(nexe)) {
    for (let at = start; at < end; at += STRETCH_BYTES_MAX) {
      const piece = bytes.subarray(at - NEXE_BASE, at - NEXE_BASE + STRETCH_BYTES_MAX);
      if (ZEROS.equals(piece)) continue;
      const [from, to] = [piece.findIndex(isNotZero), piece.findLastIndex(isNotZero) + 1];
      write(writeStretchHead(at + from, to - from));
      write(piece.subarray(from, to));
    }
  }
  return { values: [], clockNs, entropyBytes, problems };
}

function isNotZero(byte: number): boolean {
  return byte !== 0;
}

/** What the guest can use of its memory, in whole pages; gaps between are never touched. */
function usedParts({ regions }: OrderNexe): OrderRange[] {
  const parts: OrderRange[] = [];
  let start = 0;
  for (const { end, access } of regions) {
    const last = parts.at(-1);
    if (access !== "none") {
      if (last?.end === start) parts[parts.length - 1] = { start: last.start, end };
      else parts.push({ start, end });
    }
    start = end;
  }
  return parts;
}
