import { writeNexe } from "../elf/index.ts";
import { AssemblyError, assemble } from "../x86/assembler/index.ts";
import { renameLocals } from "./join.ts";
import { NotBuilt } from "./not-built.ts";
import { rewrite } from "./rewrite.ts";
import { type LibraryUnit, selectUnits } from "./select-units.ts";

/** Assembly texts, as gcc wrote them with `GCC_OPTIONS`. */
export interface NexeUnits {
  /** Of the program's files, in their order. */
  readonly program: readonly string[];
  /** What the program needs is taken of it; what it defines itself goes before. */
  readonly library: readonly LibraryUnit[];
}

/** Where every program starts; a unit of the library has it. */
const ENTRY = "_start";

/**
 * Makes a program file of assembly texts: joined, rewritten by the rules, assembled. The same
 * texts always give the same file.
 * @throws NotBuilt for names that are missing or defined twice, and for what a nexe cannot have
 */
export function buildNexe({ program, library }: NexeUnits): Uint8Array {
  const selected = selectUnits(program, library, ENTRY);
  const units = [
    ...program.map((text, at) => renameLocals(text, String(at), new Set())),
    ...selected.map(({ text, hidden }, at) => renameLocals(text, `library.${at}`, hidden)),
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
