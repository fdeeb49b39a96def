import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Report } from "../../src/zerovm/report/index.ts";
import { runSession } from "../../src/zerovm/session/index.ts";
import { NACL_CALLS, type NaclCallName } from "../../src/zrt/trace/index.ts";
import { assembledNexe } from "./assembled-nexe.ts";
import { channel, channelsWith, manifestFor } from "./sessions.ts";

/** How a program ended, and the bytes that it wrote to standard output. */
export interface NexeSession {
  readonly report: Report;
  readonly output: Buffer;
}

/** Assembles a program and runs it in `folder`. */
export async function runNexe(
  folder: string,
  text: string,
  fields: Parameters<typeof manifestFor>[2] = {},
  more: object = {},
): Promise<NexeSession> {
  const out = join(folder, "out");
  writeFileSync(out, "");
  const channels = channelsWith(channel("/dev/stdout", out, "wo"));
  const manifest = manifestFor(folder, assembledNexe(text), { channels, ...fields });
  const report = await runSession({ manifest, ...more });
  return { report, output: readFileSync(out) };
}

const ARGUMENT_REGISTERS = ["edi", "esi", "edx", "ecx", "r8d", "r9d"];

/** Lines that make a system call of Native Client with constants; the result is in eax. */
export function naclLines(name: NaclCallName, ...args: readonly (number | string)[]): string {
  const moves = args.map((value, index) => `movl $${value}, %${ARGUMENT_REGISTERS[index]}`);
  const slot = 0x1_0000 + 32 * NACL_CALLS[name].number;
  return `${moves.join("\n")}\nnaclcall 0x${slot.toString(16)}`;
}
