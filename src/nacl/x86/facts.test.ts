import { describe, expect, it } from "vitest";
import { FACTS, FLAG, FORMS, type Form, POLICY } from "./index.ts";

function named(name: string): Form[] {
  return FORMS.filter((form) => form.names.some((each) => each.replace("*", "") === name));
}

function stems(forms: readonly Form[]): string[] {
  return [...new Set(forms.map((form) => form.names[0]?.replace("*", "") ?? ""))].sort();
}

describe("the table", () => {
  it("makes an index of the results of exactly these instructions", () => {
    const found = FORMS.filter((form) => FACTS.zeroExtends[form.id] !== 0);
    expect(stems(found.filter((form) => form.policy === "both"))).toEqual(
      `add and dec imul inc lea mov movd movsb movsl movsw movw movzb movzw neg not or sub xadd xchg
       xor`.split(/\s+/),
    );
    expect(stems(found.filter((form) => form.policy === "nacl"))).toEqual(["vmovd"]);
  });

  it("lets each rule set refuse what only the other accepts", () => {
    const plain = FORMS.filter((form) => form.vex === undefined);
    const only = (policy: string) => stems(plain.filter((form) => form.policy === policy));
    expect(only("nacl")).toEqual(["crc32w", "lahf", "rdtsc", "sahf"]);
    expect(only("zerovm")).toEqual(["clflush"]);
    const vex = FORMS.filter((form) => form.vex !== undefined);
    expect(vex.every((form) => FACTS.policy[form.id] === POLICY.nacl)).toBe(true);
  });

  it("keeps string and indirect instructions for superinstructions", () => {
    const found = FORMS.filter((form) => FACTS.superOnly[form.id] === 1);
    expect(stems(found)).toEqual(
      `call cmpsb cmpsw jmp lodsb lodsw maskmovdqu maskmovq movsb movsw scasb scasw stosb stosw
       vmaskmovdqu`.split(/\s+/),
    );
  });

  it("knows the flags", () => {
    const all = FLAG.C | FLAG.P | FLAG.A | FLAG.Z | FLAG.S | FLAG.O;
    const [adc] = named("adc");
    expect([adc?.flagsRead, adc?.flagsWritten]).toEqual([FLAG.C, all]);
    const [inc] = named("inc");
    expect(inc?.flagsWritten).toBe(all & ~FLAG.C);
    const [jbe] = named("jbe");
    expect([jbe?.flagsRead, jbe?.flagsWritten]).toEqual([FLAG.C | FLAG.Z, 0]);
    const byRegister = named("shl").find((form) => form.operands[1]?.kind === "rcx");
    expect([byRegister?.flagsWritten, byRegister?.flagsKept]).toEqual([all, all]);
    const byOne = named("shl").find((form) => form.operands[1]?.kind === "one");
    expect([byOne?.flagsUndefined, byOne?.flagsKept]).toEqual([FLAG.A, 0]);
    expect(named("mov").every((form) => form.flagsWritten === 0)).toBe(true);
  });
});
