import type { Limits } from "../../base/index.ts";
import {
  type GuestLayout,
  layout,
  type NexePolicy,
  NexeRefused,
  userManifestBytes,
} from "../../nacl/elf/index.ts";
import type { OrderFurther, OrderNexe } from "../cell/index.ts";
import { type Manifest, makeFinding } from "../manifest/index.ts";
import { openTranslator, type Program } from "../program/index.ts";
import type { RefusalFinding } from "../report/index.ts";
import type { Handovers } from "./handovers.ts";
import { withErrorCodes } from "./judge-session.ts";

/** Where a Native Client program finds its memory, or why it has not enough of it. */
export type LaidOut =
  | { readonly nexe?: OrderNexe }
  | { readonly findings: readonly RefusalFinding[] };

/** Lays a program out in the memory that its manifest gives; nothing to do for a module. */
export function layOut({ nexe }: Program, manifest: Manifest, limits: Limits): LaidOut {
  if (nexe === undefined) return {};
  try {
    const manifestBytes = userManifestBytes(manifest.channels);
    const guest = layout(nexe.nexe, limits.memory, manifestBytes);
    return { nexe: orderNexe(nexe.policy, guest) };
  } catch (error) {
    if (!(error instanceof NexeRefused)) throw error;
    const { classicCode: code, classicState: state, fault } = error;
    const message = `The program does not fit: ${fault.found}, not ${fault.expected}`;
    const hint = "Give it more with `--memory` or `Memory` in the manifest";
    return {
      findings: withErrorCodes([makeFinding({ stage: "memory", code, state, message, hint })]),
    };
  }
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
  return { further: { program, ...(translator && { translator }) } };
}

function orderNexe(policy: NexePolicy, { regions, heap, hashed }: GuestLayout): OrderNexe {
  const data = regions.find(({ name }) => name === "data");
  return {
    policy,
    // As in the original, what lies before a part belongs to it.
    regions: regions
      .filter(({ name }) => name !== "gap")
      .map(({ end, access }) => ({ end, access })),
    heap: { start: heap.start, end: heap.end },
    code: { start: data?.start ?? 0, end: heap.end },
    hashed: hashed.map(({ start, end }) => ({ start, end })),
  };
}
