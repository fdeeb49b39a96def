import { namesOfUnit, type UnitNames } from "./join.ts";
import { oneStatementALine } from "./one-statement.ts";

/** A text of a library, which becomes part of a program that needs one of its names. */
export interface LibraryUnit extends UnitNames {
  readonly text: string;
}

/** What a program takes of its library. */
export interface SelectedUnit {
  readonly text: string;
  /** Names that it defines and the program, or a unit before it, as well. */
  readonly hidden: ReadonlySet<string>;
}

/** A unit of assembly text, as gcc wrote it with `GCC_OPTIONS`. */
export function libraryUnit(written: string): LibraryUnit {
  const text = oneStatementALine(written, "the library");
  return { ...namesOfUnit(text), text };
}

/**
 * The units that define what a program needs, and what they need themselves, in the order in
 * which they are come to. Of several that define a name, the first of the library is taken.
 *
 * @param program assembly texts, whose own names go before those of the library
 * @param first a name that every program needs
 */
export function selectUnits(
  program: readonly string[],
  library: readonly LibraryUnit[],
  first: string,
): SelectedUnit[] {
  const byName = new Map<string, LibraryUnit>();
  for (const unit of library.toReversed()) for (const name of unit.defines) byName.set(name, unit);
  const described = program.map(namesOfUnit);
  const defined = new Set(described.flatMap(({ defines }) => defines));
  const wanted = [first, ...described.flatMap(({ needs }) => needs)];
  const selected = new Map<LibraryUnit, SelectedUnit>();
  for (const name of wanted) {
    const unit = defined.has(name) ? undefined : byName.get(name);
    if (unit === undefined || selected.has(unit)) continue;
    const { text, defines, needs } = unit;
    selected.set(unit, { text, hidden: new Set(defines.filter((own) => defined.has(own))) });
    for (const own of defines) defined.add(own);
    wanted.push(...needs);
  }
  return [...selected.values()];
}
