import { expect, test } from "vitest";
import { assembledNexe } from "../../../test/support/assembled-nexe.ts";
import { readNexe } from "../elf/index.ts";
import { translate } from "../translator/index.ts";
import { GUEST_REGISTERS, VECTORS } from "./index.ts";

/** What a guest has of globals and nobody has to store: how it came where it is, and its bounds. */
const OTHERS = [
  "pc",
  "flags",
  "missed",
  "direct",
  "resumed",
  "x87_format",
  "writable_start",
  "writable_end",
];

test.each([
  ["zerovm", VECTORS.filter((name) => name.startsWith("xmm"))],
  ["nacl", VECTORS],
] as const)("an image has all registers of programs translated for %s", (policy, vectors) => {
  const file = assembledNexe(".text\n.globl _start\n_start: hlt");
  const { module } = translate(file, readNexe(file, policy));
  const nothing = (): number => 0;
  const nacl = { trap: nothing, syscall: nothing, unknown: nothing, fault: nothing };
  const compiled = new WebAssembly.Module(Uint8Array.from(module));
  const { exports } = new WebAssembly.Instance(compiled, { nacl });
  const globals = Object.entries(exports).flatMap(([name, it]) => {
    const isOther = it instanceof WebAssembly.Memory || it instanceof WebAssembly.Table;
    return isOther || typeof it === "function" ? [] : [name];
  });
  const stored = [...GUEST_REGISTERS.map(({ name }) => name), ...vectors];
  expect(globals.sort()).toEqual([...stored, ...OTHERS].sort());
});
