import { writeNexe } from "../elf/index.ts";
import { validate } from "../validator/index.ts";
import { type Assembly, AssemblyError, assemble, TEXT_ADDRESS } from "../x86/assembler/index.ts";
import { constructorLists, takeConstructors } from "./constructors.ts";
import { renameLocals } from "./join.ts";
import { missingNameMessage } from "./missing-names.ts";
import { NotBuilt } from "./not-built.ts";
import { oneStatementALine } from "./one-statement.ts";
import { type PlacedText, Places } from "./places.ts";
import { rewrite } from "./rewrite.ts";
import { type LibraryUnit, selectUnits } from "./select-units.ts";
import { missingWeakNames, withoutWeakRivals } from "./weak-names.ts";

/** A text of assembly, as gcc wrote it with `GCC_OPTIONS`, and its file for messages. */
export interface NexeUnit {
  readonly name: string;
  readonly text: string;
}

/** Assembly texts of a program. */
export interface NexeUnits {
  /** Of the program's files, in their order. */
  readonly program: readonly NexeUnit[];
  /** What the program needs is taken of it; what it defines itself goes before. */
  readonly library: readonly LibraryUnit[];
}

/** Where every program starts; a unit of the library has it. */
const ENTRY = "_start";

/** Findings of the validator that a message has. */
const FINDINGS_SHOWN = 5;

/**
 * Makes a program file of assembly texts: joined, rewritten by the rules, assembled, and judged.
 * The same texts always give the same file.
 * @throws NotBuilt for names that are missing or defined twice, for what a nexe cannot have, and
 *   for code that no policy accepts; the message names the file, and the function or line
 */
export function buildNexe({ program, library }: NexeUnits): Uint8Array {
  const own = settled(program);
  const texts = placedTexts(own, selectedUnits(own, library));
  const places = new Places(texts);
  const assembly = assembled(texts, places);
  const { text, rodata, data, bssSize, entry } = assembly;
  judge(assembly, places);
  return writeNexe({
    text,
    ...(rodata.length > 0 && { rodata }),
    ...((data.length > 0 || bssSize > 0) && { data, bssBytes: bssSize }),
    entry,
  });
}

/** The program's texts as all further steps take them. */
function settled(program: readonly NexeUnit[]): NexeUnit[] {
  const texts = program.map(({ name, text }) => oneStatementALine(text, name));
  const chosen = withoutWeakRivals(texts);
  return program.map(({ name }, at) => ({ name, text: chosen[at] ?? "" }));
}

function selectedUnits(
  program: readonly NexeUnit[],
  library: readonly LibraryUnit[],
): readonly NexeUnit[] {
  const texts = program.map(({ text }) => text);
  const selected = selectUnits(texts, library, ENTRY);
  return selected.map(({ text, hidden }, at) => {
    return { name: "the library", text: renameLocals(text, `library.${at}`, hidden) };
  });
}

/** The texts as they are assembled, with what a linker adds: lists of constructors, and nulls. */
function placedTexts(program: readonly NexeUnit[], library: readonly NexeUnit[]): PlacedText[] {
  const own = program.map(({ name, text }, at) => {
    return { name, text: renameLocals(text, String(at), new Set()) };
  });
  const taken = [...own, ...library].map(({ name, text }) => ({ name, ...takeConstructors(text) }));
  const lists = constructorLists(taken.flatMap(({ found }) => found));
  const added = lists + missingWeakNames(taken.map(({ text }) => text));
  return [...taken, { name: "the lists of constructors", text: added }].map(
    ({ name, text }, at) => ({ name, ...rewritten(name, text, String(at)) }),
  );
}

function rewritten(name: string, text: string, suffix: string): ReturnType<typeof rewrite> {
  try {
    return rewrite(text, suffix);
  } catch (error) {
    if (!(error instanceof NotBuilt)) throw error;
    throw new NotBuilt(`${name}: ${error.message}`, { cause: error });
  }
}

function assembled(texts: readonly PlacedText[], places: Places): Assembly {
  try {
    return assemble(texts.map(({ text }) => text).join(""));
  } catch (error) {
    if (!(error instanceof AssemblyError)) throw error;
    const { line, reason, missingName } = error;
    const said = missingName === undefined ? reason : missingNameMessage(missingName);
    throw new NotBuilt(`${places.ofLine(line)}: ${said}`, { cause: error });
  }
}

/** Inline assembly can be what no rules accept; some is accepted by one policy only. */
function judge({ text, symbols }: Assembly, places: Places): void {
  if (validate(text, { policy: "zerovm" }).valid) return;
  const { valid, findings, moreFindings } = validate(text, { policy: "nacl" });
  if (valid) return;
  const lines = findings.slice(0, FINDINGS_SHOWN).map(({ offset, reason }) => {
    return `${places.ofAddress(symbols, TEXT_ADDRESS + offset)}: ${reason}`;
  });
  const more = findings.length - lines.length + moreFindings;
  throw new NotBuilt([...lines, ...(more > 0 ? [`${more} more`] : [])].join("\n"));
}
