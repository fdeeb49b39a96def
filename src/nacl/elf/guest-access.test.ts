import { describe, expect, test } from "vitest";
import { changedNexe } from "../../../test/support/crafted-nexe.ts";
import { type BufferRight, mayAccess } from "./guest-access.ts";
import { layout } from "./layout.ts";
import { readNexe } from "./read-nexe.ts";
import { writeNexe } from "./write-nexe.ts";

const SECTIONS = {
  text: new Uint8Array(0x60).fill(0x90),
  rodata: new Uint8Array(0x30),
  data: new Uint8Array(0x20),
  bssBytes: 0x240,
};
const GUEST = layout(readNexe(writeNexe(SECTIONS), "zerovm"), 33_554_432);
const { heap, stack } = GUEST;
const HEAP_BYTES = heap.end - heap.start;
const STACK_BYTES = 16 * 2 ** 20;

/** The original's matrix of buffers: address, size, whether the host may read or write there. */
const MATRIX: readonly (readonly [string, BufferRight, number, number, boolean])[] = [
  ["the null page", "read", 0x1, 1, false],
  ["the end of the null page", "read", 0xffff, 1, false],
  ["NULL of no size", "read", 0, 0, false],
  ["NULL", "read", 0, 1, false],
  ["the hole below the user manifest", "read", 0xfefe_ffff, 1, false],
  ["the first byte behind the heap", "read", heap.end, 1, false],
  ["the heap and a byte more", "read", heap.start, HEAP_BYTES + 1, false],
  ["4 GiB", "read", 2 ** 32, 1, false],
  ["the stack and a byte more", "read", stack.start, STACK_BYTES + 1, false],
  ["trampolines, of negative size", "read", 0x1_0000, -1, true],
  ["trampolines", "read", 0x1_0000, 1, true],
  ["the last byte of the heap", "read", heap.end - 1, 1, true],
  ["the lowest byte of the stack", "read", 0xff00_0000, 1, true],
  ["the last byte of all", "read", 0xffff_ffff, 1, true],
  ["the last byte of the user manifest", "read", 0xfeff_ffff, 1, true],
  ["text", "write", 0x2_0000, 1, false],
  ["read-only data", "write", 0x3_0000, 0, false],
  ["the last byte of the user manifest", "write", 0xfeff_ffff, 1, false],
  ["the first byte behind the heap", "write", heap.end, 1, false],
  ["the heap and a byte more", "write", heap.start, HEAP_BYTES + 1, false],
  ["4 GiB", "write", 2 ** 32, 1, false],
  ["the stack and a byte more", "write", stack.start, STACK_BYTES + 1, false],
  ["data", "write", 0x4_0000, 1, true],
  ["bss", "write", 0x4_0100, 1, true],
  ["data and heap at once", "write", 0x4_0000, HEAP_BYTES, true],
  ["the last byte of the heap", "write", heap.end - 1, 1, true],
  ["the stack", "write", stack.start, STACK_BYTES, true],
  ["the last byte of all", "write", 0xffff_ffff, 1, true],
  ["the last byte of all, and one more", "write", 0xffff_ffff, 2, false],
  ["user manifest and stack at once", "read", 0xfeff_0000, 0x2_0000, true],
  ["user manifest and stack at once", "write", 0xfeff_0000, 0x2_0000, false],
  ["all code and data", "read", 0x1_0000, 0x4_0000, true],
  ["2^63", "read", 2 ** 63, 1, false],
  ["below zero", "read", -1, 2, false],
];

describe("mayAccess()", () => {
  test.each(
    MATRIX.map(([name, right, address, sizeBytes, answer]) => ({
      name,
      right,
      address,
      sizeBytes,
      answer,
    })),
  )("lets the host $right $name: $answer", ({ right, address, sizeBytes, answer }) => {
    expect(mayAccess(GUEST, address, sizeBytes, right)).toBe(answer);
  });

  test("counts what lies unused before a section as that section", () => {
    const far = changedNexe(writeNexe(SECTIONS), {
      segments: { 2: { vaddr: 0x9_0000 } },
    });
    const guest = layout(readNexe(far, "zerovm"), 33_554_432);
    expect(mayAccess(guest, 0x5_0000, 1, "write")).toBe(true);
    expect(mayAccess(guest, 0x3_ffff, 2, "write")).toBe(false);
    expect(mayAccess(guest, 0x3_ffff, 2, "read")).toBe(true);
  });

  test("lets the heap of a program without data be used", () => {
    const { text } = SECTIONS;
    const guest = layout(readNexe(writeNexe({ text }), "zerovm"), 33_554_432);
    expect(mayAccess(guest, guest.heap.start, 1, "write")).toBe(true);
  });
});
