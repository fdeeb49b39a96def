import { ByteWriter } from "./byte-writer.ts";
import { OP } from "./opcode.ts";

/** How elements begin that are put into a table which is named, and what they are. */
const ACTIVE_IN_TABLE = 2;
const ELEMENTS_ARE_FUNCTIONS = 0;

/** Entries that come behind those of a section. */
export interface Entries {
  readonly out: ByteWriter;
  count: number;
}

/** What is added to the sections of a module. */
export class AddedEntries {
  readonly #bySection = new Map<number, Entries>();

  /** Where the next entry of a section is to be written. */
  to(section: number): Entries {
    const entries = this.#bySection.get(section) ?? { out: new ByteWriter(64), count: 0 };
    this.#bySection.set(section, entries);
    entries.count += 1;
    return entries;
  }

  /** All that was added to a section, if anything was. */
  of(section: number): Entries | undefined {
    return this.#bySection.get(section);
  }
}

/** Puts functions into a table, from its first slot on. */
export function writeElements(out: ByteWriter, table: number, functions: readonly number[]): void {
  out.byte(ACTIVE_IN_TABLE);
  out.unsigned(table);
  out.all([OP.I32_CONST, 0, OP.END, ELEMENTS_ARE_FUNCTIONS]);
  out.unsigned(functions.length);
  for (const index of functions) out.unsigned(index);
}
