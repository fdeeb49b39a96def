import { assert } from "../../base/index.ts";
import type { Form } from "./form.ts";
import { columnsOf, readRow } from "./row-text.ts";
import { ROW_GROUPS } from "./rows/index.ts";
import { bothLengths, vexRows } from "./vex-rows.ts";

/** Every accepted encoding; `FORMS[id].id === id`. */
export const FORMS: readonly Form[] = readForms();

function readForms(): Form[] {
  const forms: Form[] = [];
  for (const [group, rows] of ROW_GROUPS) {
    for (const row of rows.split("\n")) {
      if (row === "") continue;
      for (const plain of bothLengths(row)) {
        forms.push({ id: forms.length, ...readRow(group, columnsOf(plain)) });
      }
      for (const vex of vexRows(columnsOf(row))) {
        forms.push({ id: forms.length, ...readRow("avx", vex) });
      }
    }
  }
  return forms;
}

/** The form of a number that the decoder gave. */
export function formOf(id: number): Form {
  const form = FORMS[id];
  assert(form !== undefined, `form ${id}`);
  return form;
}

const SUFFIXES: Readonly<Record<number, string>> = { 1: "b", 2: "w", 4: "l", 8: "q" };

/** The AT&T name of a form with an operand size in bytes. */
export function mnemonicOf(form: Form, size: number): string {
  const name = form.names.length === 1 ? form.names[0] : form.names[size === 8 ? 2 : size >> 2];
  assert(name !== undefined, `name of form ${form.id}`);
  return name.replace("*", SUFFIXES[size] ?? "");
}
