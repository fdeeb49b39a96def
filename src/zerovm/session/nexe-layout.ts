import type { Limits } from "../../base/index.ts";
import { type GuestLayout, layout, NexeRefused, userManifestBytes } from "../../nacl/elf/index.ts";
import type { NexeImage } from "../../nacl/frozen/index.ts";
import type { OrderFurther, OrderNexe } from "../cell/index.ts";
import { judgeMemory, type Manifest, makeFinding } from "../manifest/index.ts";
import {
  type NexeRules,
  openTranslator,
  type Program,
  type ProgramVerdict,
} from "../program/index.ts";
import type { RefusalFinding } from "../report/index.ts";
import type { Handovers } from "./handovers.ts";
import { withErrorCodes } from "./judge-session.ts";
import type { SessionRequest } from "./request.ts";

/** Where a Native Client program finds its memory, or why it has not enough of it. */
export type LaidOut =
  | { readonly guest?: GuestLayout }
  | { readonly findings: readonly RefusalFinding[] };

/**
 * Lays a program out in the memory that its manifest gives; nothing to do for a module, or for what
 * is refused anyway.
 */
export function layOut(verdict: ProgramVerdict, manifest: Manifest, limits: Limits): LaidOut {
  const nexe = verdict.kind === "accepted" ? verdict.program.nexe : undefined;
  // A size that no memory has is found with the other faults of the manifest.
  if (nexe === undefined || judgeMemory(manifest).length > 0) return {};
  try {
    const manifestBytes = userManifestBytes(manifest.channels);
    const { image } = nexe;
    if (image === undefined) return { guest: layout(nexe.nexe, limits.memory, manifestBytes) };
    // A guest that goes on has the memory that it had, whatever more is allowed.
    const guest = layout(nexe.nexe, image.memoryBytes, manifestBytes);
    judgeResumed(image, guest, limits.memory);
    return { guest };
  } catch (error) {
    if (!(error instanceof NexeRefused)) throw error;
    const { classicCode: code, classicState: state, fault } = error;
    const message = `The program does not fit: ${fault.found}, not ${fault.expected}`;
    const { hint = "Give it more with `--memory` or `Memory` in the manifest" } = fault;
    return {
      findings: withErrorCodes([makeFinding({ stage: "memory", code, state, message, hint })]),
    };
  }
}

/** @throws NexeRefused where the session cannot have the memory of the image */
function judgeResumed({ memoryBytes, heapEnd }: NexeImage, guest: GuestLayout, most: number): void {
  const reason = "heap-too-small";
  if (memoryBytes > most) {
    const found = `it was frozen with ${memoryBytes} bytes of memory, and may have ${most}`;
    throw new NexeRefused({ reason, found, expected: `at least ${memoryBytes}` });
  }
  if (guest.heap.end === heapEnd) return;
  const found = `it has channels that end its heap at address ${guest.heap.end}`;
  const expected = `the channels it was frozen with, which end it at ${heapEnd}`;
  const hint = "Give it as many channels, with names as long, as `zerovm freeze` had";
  throw new NexeRefused({ reason, found, expected, hint });
}

/** What is said of Native Client programs. */
export function nexeRules({
  policy,
  strictMemory,
}: Pick<SessionRequest, "policy" | "strictMemory">): Partial<NexeRules> {
  return {
    ...(policy !== undefined && { policy }),
    ...(strictMemory !== undefined && { strictMemory }),
  };
}

/** What the cell of a Native Client program needs to translate more of it. */
export function giveFurther(
  { nexe, fd, sizeBytes }: Pick<Program, "nexe" | "fd" | "sizeBytes">,
  handovers: Handovers,
): { readonly further?: OrderFurther } {
  if (nexe === undefined) return {};
  const program = { fd: handovers.give(fd), sizeBytes };
  const opened = openTranslator();
  const translator = opened && { ...opened, fd: handovers.give(handovers.own(opened.fd)) };
  const { strictMemory } = nexe;
  const rules = strictMemory && { strictMemory };
  return { further: { program, ...rules, ...(translator && { translator }) } };
}

/** The part of the order that tells of a Native Client program; undefined for others. */
export function orderNexe(
  { nexe }: Pick<Program, "nexe">,
  guest: GuestLayout | undefined,
): OrderNexe | undefined {
  if (nexe === undefined || guest === undefined) return undefined;
  const { regions, heap, hashed } = guest;
  const data = regions.find(({ name }) => name === "data");
  return {
    policy: nexe.policy,
    // As in the original, what lies before a part belongs to it.
    regions: regions
      .filter(({ name }) => name !== "gap")
      .map(({ end, access }) => ({ end, access })),
    heap: { start: heap.start, end: heap.end },
    code: { start: data?.start ?? 0, end: heap.end },
    hashed: hashed.map(({ start, end }) => ({ start, end })),
  };
}
