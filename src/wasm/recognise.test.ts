import { describe, expect, test } from "vitest";
import { hexModule, PREAMBLE } from "../../test/support/wat.ts";
import { type ProgramKind, recognise } from "./recognise.ts";

const text = (content: string): Uint8Array => new TextEncoder().encode(content);

function elf(machine: number, bits: 1 | 2, order: 1 | 2 = 1): Uint8Array {
  const bytes = new Uint8Array(64);
  bytes.set([0x7f, 0x45, 0x4c, 0x46, bits, order, 1]);
  new DataView(bytes.buffer).setUint16(18, machine, order === 1);
  return bytes;
}

function tar(): Uint8Array {
  const bytes = new Uint8Array(512);
  bytes.set(text("a.txt"));
  bytes.set(text("ustar"), 257);
  return bytes;
}

describe("recognise()", () => {
  const cases: readonly [text: string, bytes: Uint8Array, kind: ProgramKind, words: RegExp][] = [
    ["a module", hexModule(PREAMBLE), "module", /WebAssembly module/],
    ["a module of another version", hexModule("00 61 73 6d 02 00 00 00"), "module", /module/],
    ["a component", hexModule("00 61 73 6d 0d 00 01 00"), "component", /preview2/],
    ["a pexe", text("PEXE\x01\x00"), "pexe", /PNaCl/],
    ["bitcode", hexModule("42 43 c0 de"), "bitcode", /LLVM/],
    ["wrapped bitcode", hexModule("de c0 17 0b"), "bitcode", /LLVM/],
    ["a nexe", elf(62, 2), "elf", /ELF file for x86-64, 64 bits/],
    ["a 32-bit ELF file", elf(3, 1), "elf", /x86, 32 bits/],
    ["a big-endian ELF file", elf(8, 1, 2), "elf", /MIPS, 32 bits/],
    ["an ELF file for a machine unknown", elf(999, 2), "elf", /machine 999/],
    ["text", text(";; c\n (; c ;) \n(module $m)"), "text", /text form/],
    ["a component in text", text("(component)"), "text", /text form/],
    ["a script", text("#!/bin/sh\n"), "script", /script/],
    ["a tar", tar(), "tar", /tar/],
    ["gzip", hexModule("1f 8b 08"), "gzip", /gzip/],
    ["zip", hexModule("50 4b 03 04"), "zip", /zip/],
    ["nothing", new Uint8Array(0), "empty", /empty/],
    ["anything else", text("hello (module)"), "unknown", /no program/],
    ["zeros", new Uint8Array(1024), "unknown", /no program/],
  ];
  test.each(cases)("%s", (_text, bytes, kind, words) => {
    expect(recognise(bytes).kind).toBe(kind);
    expect(recognise(bytes).description).toMatch(words);
  });

  test("tells machine and class of an ELF file", () => {
    expect(recognise(elf(62, 2)).elf).toEqual({ machine: 62, bits: 64 });
  });
});
