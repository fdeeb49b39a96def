import type { Emitter } from "./emitter.ts";
import { CONDITION_NAMES } from "./handler.ts";

const RCX = 1;
const NOT_EQUAL = 5;
const EQUAL = 4;

/** Pushes the condition of the branch at hand; the loop instructions count rcx down first. */
export function pushBranchCondition(emitter: Emitter): void {
  const { code, flags } = emitter;
  const name = emitter.form.names[0] ?? "";
  const rcx = emitter.register(RCX);
  if (name === "jrcxz") {
    code.get(rcx).i64op("EQZ");
    return;
  }
  if (!name.startsWith("loop")) {
    flags.condition((CONDITION_NAMES as readonly string[]).indexOf(name.slice(1)));
    return;
  }
  code.get(rcx).i64(1).i64op("SUB").tee(rcx).i64(0).i64op("NE");
  if (name === "loop") return;
  flags.condition(name === "loope" ? EQUAL : NOT_EQUAL);
  code.i32(0).i32op("NE", "AND");
}
