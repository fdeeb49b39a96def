import { writeNexe } from "../elf/index.ts";
import { AssemblyError, assemble } from "../x86/assembler/index.ts";
import { globalNames, renameLocals } from "./join.ts";
import { NotBuilt } from "./not-built.ts";
import { rewrite } from "./rewrite.ts";
import { RUNTIME_ASSEMBLY } from "./runtime.ts";

/** Assembly texts, as gcc wrote them with `GCC_OPTIONS`. */
export interface NexeUnits {
  /** Of the program's files, in their order. */
  readonly program: readonly string[];
  /** Of `RUNTIME_C`; what the program defines itself goes before. */
  readonly runtime: string;
}

/**
 * Makes a program file of assembly texts: joined, rewritten by the rules, assembled. The same
 * texts always give the same file.
 * @throws NotBuilt for names that are missing or defined twice, and for what a nexe cannot have
 */
export function buildNexe({ program, runtime }: NexeUnits): Uint8Array {
  const taken = new Set(program.flatMap((text) => [...globalNames(text)]));
  const units = [
    RUNTIME_ASSEMBLY,
    ...program.map((text, at) => renameLocals(text, String(at), new Set())),
    renameLocals(runtime, "runtime", taken),
  ];
  try {
    const { text, rodata, data, bssSize, entry } = assemble(units.map(rewrite).join(""));
    return writeNexe({
      text,
      ...(rodata.length > 0 && { rodata }),
      ...((data.length > 0 || bssSize > 0) && { data, bssBytes: bssSize }),
      entry,
    });
  } catch (error) {
    if (!(error instanceof AssemblyError)) throw error;
    throw new NotBuilt(error.message.replace(/^line \d+: /, ""), { cause: error });
  }
}
