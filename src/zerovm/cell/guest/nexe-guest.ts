import {
  type UserChannel,
  type UserManifest,
  WRITABLE_GLOBALS,
  writeUserManifest,
} from "../../../nacl/elf/index.ts";
import {
  type CodeMaker,
  type NaclStart,
  type NaclState,
  type NexeSpace,
  Regions,
} from "../../../zrt/index.ts";
import type { Order, OrderNexe } from "../order/index.ts";

/** Guest address of the first byte of linear memory: the page before it is never there. */
export const NEXE_BASE = 0x1_0000;

/** Where the calls of a Native Client guest find its memory. */
export function nexeSpace(
  { policy, regions, heap, code }: OrderNexe,
  maker: CodeMaker | undefined,
  resumed: NaclState | undefined,
): NexeSpace {
  return {
    ...(policy === "nacl" && { naclHeap: heap }),
    ...(resumed !== undefined && { resumed }),
    ...(maker !== undefined && { code: maker }),
    base: NEXE_BASE,
    regions: new Regions(regions),
    codeStart: code.start,
    codeEnd: code.end,
  };
}

/** Says where data and heap lie to a program of which the stores are checked. */
export function boundStores(
  { heap, code }: OrderNexe,
  exports: Readonly<Record<string, unknown>>,
): void {
  const start = code.start === 0 ? heap.start : code.start;
  const bounds = [
    [WRITABLE_GLOBALS.START, start],
    [WRITABLE_GLOBALS.END, heap.end],
  ] as const;
  for (const [name, address] of bounds) {
    const global = exports[name];
    if (global !== undefined) (global as { value: number }).value = address - NEXE_BASE;
  }
}

/** Writes what tells the guest of its memory and channels, before it starts. */
export function tellNexe(
  nexe: OrderNexe,
  channels: Order["channels"],
  memory: WebAssembly.Memory,
): void {
  const { address, bytes } = userManifestOf(nexe, channels);
  new Uint8Array(memory.buffer).set(bytes, address - NEXE_BASE);
}

/** What tells the guest of its memory and channels, and where that lies. */
export function userManifestOf({ heap }: OrderNexe, channels: Order["channels"]): UserManifest {
  return writeUserManifest({ heap }, channels.map(userChannel));
}

/** Sets the registers that a program of Native Client starts with. */
export function enterNacl(
  exports: Readonly<Record<string, unknown>>,
  { stackPointer, infoAddress }: NaclStart,
): void {
  const registers = exports as Readonly<Record<string, { value: bigint }>>;
  for (const [name, value] of Object.entries({ rsp: stackPointer, rdi: infoAddress })) {
    const register = registers[name];
    if (register !== undefined) register.value = BigInt(value);
  }
}

function userChannel(channel: Order["channels"][number]): UserChannel {
  const { alias, type, gets, getBytes, puts, putBytes, sizeBytes } = channel;
  return { alias, type, limits: [gets, getBytes, puts, putBytes], sizeBytes: BigInt(sizeBytes) };
}

/** The parts of linear memory that the etag of a guest's memory covers. */
export function hashedParts(nexe: OrderNexe | undefined, bytes: Uint8Array): readonly Uint8Array[] {
  if (nexe === undefined) return [bytes];
  return nexe.hashed.map(({ start, end }) => bytes.subarray(start - NEXE_BASE, end - NEXE_BASE));
}
