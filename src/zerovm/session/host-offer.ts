import { HOST_IMPORTS, HOST_SIGNATURES } from "../../zrt/index.ts";
import type { HostOffer } from "../program/index.ts";

/** What a program may import, and with which types. */
export const HOST_OFFER: HostOffer = { hostImports: HOST_IMPORTS, signatures: HOST_SIGNATURES };
