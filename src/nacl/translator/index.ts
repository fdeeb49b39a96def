import { ZvmError } from "../../base/index.ts";
import type { Nexe } from "../elf/index.ts";

export class TranslationRefused extends ZvmError {}

export function translate(_nexe: Nexe, _file: Uint8Array): { readonly module: Uint8Array } {
  throw new TranslationRefused("ZVM_PROGRAM_REFUSED", "nothing is translated yet");
}
