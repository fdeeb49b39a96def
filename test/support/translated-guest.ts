import { type NexePolicy, readNexe, writeNexe } from "../../src/nacl/elf/index.ts";
import { type TranslateOptions, translate } from "../../src/nacl/translator/index.ts";
import { assemble } from "../../src/nacl/x86/assembler/index.ts";

const WRITE = 0x74697257;
const EXIT = 0x74697845;
const MEMORY_START = 0x10000;

/** How a translated program ended, and what it gave to the host before. */
export interface GuestRun {
  readonly written: Uint8Array;
  /** Code of its exit; undefined where it faulted. */
  readonly exitCode: number | undefined;
  /** Kind and guest address of a fault that the code itself knows of. */
  readonly fault: readonly [kind: number, address: number] | undefined;
  /** Message of a trap of WebAssembly. */
  readonly trap: string | undefined;
  /** Places that were translated while it ran. */
  readonly translatedLater: readonly number[];
}

interface GuestExports {
  readonly memory: WebAssembly.Memory;
  readonly _start: () => void;
}

class Ended extends Error {}

/** Lines that end a program: they call the trap with `exit` and the code in ebx. */
export const EXIT_LINES = `
  movabsq $${EXIT}, %rax
  movq %rax, trap_block(%rip)
  movq %rbx, trap_block+16(%rip)
  leaq trap_block(%rip), %rdi
  naclcall 0x10000
  hlt`;

/** Lines that write memory: address in esi, bytes in edx. */
export const WRITE_LINES = `
  movabsq $${WRITE}, %rax
  movq %rax, trap_block(%rip)
  movq $1, trap_block+16(%rip)
  movl %esi, %esi
  movq %rsi, trap_block+24(%rip)
  movq %rdx, trap_block+32(%rip)
  leaq trap_block(%rip), %rdi
  naclcall 0x10000`;

/** Space that the lines above use; to be put into the data section. */
export const TRAP_BLOCK = "trap_block: .quad 0, 0, 0, 0, 0, 0";

/** Assembles a program for Native Client and makes a program file of it. */
export function nexeOf(text: string): Uint8Array {
  const { text: code, rodata, data, bssSize, entry } = assemble(text);
  return writeNexe({ text: code, rodata, data, bssBytes: bssSize, entry });
}

/** Translates a program and runs it to its end. */
export function runTranslated(
  file: Uint8Array,
  policy: NexePolicy = "zerovm",
  options: TranslateOptions = {},
): GuestRun {
  const translation = translate(file, readNexe(file, policy), options);
  const written: number[] = [];
  const translatedLater: number[] = [];
  let exitCode: number | undefined;
  let fault: readonly [number, number] | undefined;
  let trap: string | undefined;
  let guest: WebAssembly.Exports = {};
  const imports = {
    nacl: {
      trap: (block: number): bigint => {
        const { memory } = guest as unknown as GuestExports;
        const view = new DataView(memory.buffer);
        const at = (block >>> 0) - MEMORY_START;
        const argument = (index: number) => Number(view.getBigInt64(at + 8 * index, true));
        if (argument(0) === EXIT) {
          exitCode = argument(2);
          throw new Ended();
        }
        const from = argument(3) - MEMORY_START;
        for (const byte of new Uint8Array(memory.buffer, from, argument(4))) written.push(byte);
        return BigInt(argument(4));
      },
      syscall: () => undefined,
      unknown: (address: number): number => {
        const more = translation.more(address >>> 0);
        if (more === undefined) throw new Error(`no code at ${(address >>> 0).toString(16)}`);
        translatedLater.push(address >>> 0);
        new WebAssembly.Instance(new WebAssembly.Module(more.module), { ...imports, guest });
        return more.slot;
      },
      fault: (kind: number, address: number): void => {
        fault = [kind, address >>> 0];
        throw new Ended();
      },
    },
  };
  guest = new WebAssembly.Instance(new WebAssembly.Module(translation.module), imports).exports;
  try {
    (guest as unknown as GuestExports)._start();
  } catch (error) {
    if (!(error instanceof Ended)) trap = String(error);
  }
  return { written: Uint8Array.from(written), exitCode, fault, trap, translatedLater };
}
