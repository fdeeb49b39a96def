import { assert } from "../../../base/index.ts";
import { handWritten, type Routine, type TypedRoutine } from "./routine.ts";
import { RoutineCompiler } from "./routine-compiler.ts";
import type { ValueType } from "./value.ts";

const HEAD = /^(\w+)\(([^)]*)\)(?:: ([^{]+))? \{$/gm;

/**
 * Reads routines from texts. One begins with a line `name(a: u64, b: i32): u64, i32 {` and ends
 * with a line `}`. Its statements are `let` and assignments, to several names for a call with
 * several results, `if`, `while`, `return` and calls; names that are not local are globals or
 * constants. Numbers of 32 bits have a sign and those of 64 bits have none. `c ? a : b` evaluates
 * both.
 */
export function readRoutines(
  texts: readonly string[],
  known: ReadonlyMap<string, TypedRoutine>,
): ReadonlyMap<string, TypedRoutine> {
  const routines = new Map(known);
  for (const text of texts) {
    for (const match of text.matchAll(HEAD)) {
      const [head, name = "", parameterText = "", resultText = ""] = match;
      const parameters = parameterText.split(", ").filter((part) => part !== "");
      const names = parameters.map((part) => part.split(": ")[0] ?? "");
      const signature = {
        parameters: parameters.map((part) => typeNamed(part.split(": ")[1] ?? "")),
        results: resultText === "" ? [] : resultText.split(", ").map(typeNamed),
      };
      const start = match.index + head.length;
      const body = text.slice(start, text.indexOf("\n}", start));
      assert(!routines.has(name), `routine ${name} is there once`);
      const write: Routine["write"] = (code, scope) =>
        new RoutineCompiler(code, scope, routines, signature, names).write(body);
      routines.set(name, handWritten(signature, write));
    }
  }
  return routines;
}

function typeNamed(text: string): ValueType {
  assert(text === "i32" || text === "u64", `type ${text}`);
  return text;
}
