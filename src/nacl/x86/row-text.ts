import type { Form } from "./form.ts";
import { readAttributes } from "./row-attributes.ts";
import { readEncoding } from "./row-encoding.ts";
import { readOperands } from "./row-operands.ts";

/*
 * A row is `names | encoding | operands | attributes`.
 *
 * Names: one, with `*` where AT&T adds the suffix of the size, or three for sizes 2, 4 and 8.
 * Encoding: mandatory prefix, map, opcode in hexadecimal, `+r`; then `/r` for a modrm byte, `/4`
 * for one whose reg is 4, `/e8` for that very byte, `:r` or `:m` for registers or memory only;
 * `=9e` for a last byte. VEX is written `vex.PREFIX.MAP.L.W`.
 * Operands: destination first. A letter for the place and one for the size; `=` written, `+` read
 * and written, `~` not in the text; `:2` for another size in memory.
 * Attributes: marks, flow, rule set, and the flags: `f.add` for those of a class, `r.CZ` for single
 * ones that are read, `w` written, `u` undefined, `k` maybe kept; `v2` to `v3y`: `vex-rows.ts`.
 */

/** The columns of a row without the spaces around them. */
export type Columns = readonly [names: string, encoding: string, operands: string, rest: string];

/** Takes a row apart. */
export function columnsOf(row: string): Columns {
  const [names = "", encoding = "", operands = "", rest = ""] = row.split("|");
  return [names.trim(), encoding.trim(), operands.trim(), rest.trim()];
}

/** A form without its number. */
export type FormDraft = Omit<Form, "id">;

/** Reads a row; a row that does not fit the syntax is a mistake of ours. */
export function readRow(group: string, [names, encoding, operandText, rest]: Columns): FormDraft {
  const { operands, size, immediate } = readOperands(operandText);
  const attributes = readAttributes(rest);
  const place = readEncoding(encoding);
  return {
    names: names.split(","),
    group: attributes.group ?? group,
    ...place,
    operands,
    size: attributes.size ?? size,
    immediate,
    flow: attributes.flow,
    policy: place.vex === undefined ? attributes.policy : "nacl",
    flagsRead: attributes.flagsRead,
    flagsWritten: attributes.flagsWritten,
    flagsUndefined: attributes.flagsUndefined,
    flagsKept: attributes.flagsKept,
    marks: attributes.marks,
  };
}
