import { HOST_IMPORTS, HOST_SIGNATURES } from "../../zrt/index.ts";
import type { HostOffer } from "../program/index.ts";

/** What a program may import, and with which types. */
export const HOST_OFFER: HostOffer = { hostImports: HOST_IMPORTS, signatures: HOST_SIGNATURES };

/** What the module of a Native Client program imports. */
export const NEXE_OFFER: HostOffer = {
  hostImports: new Map([["nacl", new Set(["trap", "syscall", "fault", "unknown"])]]),
  sharedMemory: true,
};

/** Linear memory of the module of a Native Client program: all addresses but the first page. */
export const NEXE_MEMORY_BYTES = 2 ** 32;
