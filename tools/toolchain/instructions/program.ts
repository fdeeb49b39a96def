import { placeSections, writeNexe } from "../../../src/nacl/elf/index.ts";
import { assemble } from "../../../src/nacl/x86/assembler/index.ts";
import { SKIPPED_BYTES } from "./immediates.ts";
import { PLACE, RECORD, SETS_SHIFT } from "./layout.ts";
import type { Observer } from "./observers.ts";
import { encodeOperation, type Operation } from "./operation.ts";
import { hasVex, type Variant } from "./variant.ts";

const TEXT_START = 0x20000;
const BUNDLE_BYTES = 32;
const NOP = 0x90;
const JUMP = 0xe9;
const JUMP_BYTES = 5;
const GENERAL = "rax rcx rdx rbx rsp rbp rsi rdi r8 r9 r10 r11 r12 r13 r14".split(" ");
/** A stack for the call that ends the program. */
const STACK_TOP = PLACE.position + 0x1000;
/** `movb $0x5a` into the last byte of the window: what a jump goes over. */
const SKIPPED = `movb $0x5a, ${PLACE.window + RECORD.windowBytes - 1}(%r15)`;

/** A program of snippets, and where its table of them is. */
export interface SnippetProgram {
  readonly file: Uint8Array;
  readonly tableAddress: number;
}

/**
 * A program that runs each variant for each of its records. Its start goes to the snippet of the
 * record that `position` names; so it may be started again behind one that faulted.
 */
export function programOf(variants: readonly Variant[]): SnippetProgram {
  const text: number[] = [...piece(START)];
  const addresses = variants.map((variant) => {
    const address = TEXT_START + text.length;
    putSnippet(text, variant);
    return address;
  });
  const rodata = new Uint8Array(Uint32Array.from(addresses).buffer);
  const sizes = { textBytes: text.length, rodataBytes: rodata.length };
  const file = writeNexe({ text: Uint8Array.from(text), rodata });
  return { file, tableAddress: placeSections(sizes).rodata };
}

const START = `
  movl ${PLACE.position}(%r15), %eax
  cmpl ${PLACE.total}(%r15), %eax
  jae done
  shrl $${SETS_SHIFT}, %eax
  movl ${PLACE.table}(%r15), %ecx
  movl (%rcx,%rax,4), %eax
  nacljmp %rax
  done: movl $${STACK_TOP}, %esp
  emms
  naclcall 0x10000
  hlt`;

/** Assembled pieces by their text: all end with their bundle, so that they stand anywhere. */
const PIECES = new Map<string, Uint8Array>();

function piece(text: string): Uint8Array {
  const known = PIECES.get(text);
  if (known !== undefined) return known;
  const bytes = assemble(`${text}\n.p2align 5`).text;
  PIECES.set(text, bytes);
  return bytes;
}

function putSnippet(text: number[], variant: Variant): void {
  const { operations, observer } = variant;
  const isWide = hasVex(variant);
  const isString = operations.some(({ form }) => form.group === "string");
  const setsState = operations.some(({ form }) => /mxcsr$/.test(form.names[0] ?? ""));
  if (isWide) text.push(...piece(SET_RECORD + LOAD_UPPER));
  const more = `${isString ? LOAD_DIRECTION : ""}${setsState ? LOAD_MXCSR : ""}`;
  text.push(...piece(LOAD_VECTORS + more + LOAD_GENERAL));
  for (const operation of operations) putOperation(text, operation);
  fillBundle(text);
  text.push(...piece(storeAll(observer, isString)));
  if (isWide) text.push(...piece(`${STORE_UPPER}\n${NEXT_RECORD}`));
  else text.push(...piece(NEXT_RECORD));
  const back = -(text.length + JUMP_BYTES);
  text.push(JUMP, ...[0, 8, 16, 24].map((shift) => (back >> shift) & 0xff));
  fillBundle(text);
}

/** No instruction crosses the end of a bundle; behind a jump comes what it goes over. */
function putOperation(text: number[], operation: Operation): void {
  const isJump = operation.form.flow !== "next";
  const skipped = isJump ? piece(SKIPPED).subarray(0, SKIPPED_BYTES) : [];
  const place = () => TEXT_START + text.length;
  const length = encodeOperation(operation, place()).length + skipped.length;
  if ((text.length % BUNDLE_BYTES) + length > BUNDLE_BYTES) fillBundle(text);
  text.push(...encodeOperation(operation, place()), ...skipped);
}

function fillBundle(text: number[]): void {
  while (text.length % BUNDLE_BYTES !== 0) text.push(NOP);
}

const LOAD_DIRECTION = `
  testb $1, ${RECORD.direction}(%rbx)
  je upwards
  std
  upwards: nop`;
const LOAD_MXCSR = `\nldmxcsr ${PLACE.mxcsr}(%r15)`;

const SET_RECORD = `
  movl ${PLACE.position}(%r15), %ebx
  shll $${RECORD.shift}, %ebx
  addl $${PLACE.before}, %ebx`;

/** The lower halves are loaded, or were stored, apart. */
const LOAD_UPPER = upperHalves(
  (record, name) => `vinsertf128 $1, ${record}(%rbx), ${name}, ${name}`,
);
const STORE_UPPER = upperHalves((record, name) => `vextractf128 $1, ${name}, ${record}(%rbx)`);
const NEXT_RECORD = `addl $1, ${PLACE.position}(%r15)`;

/** rbx points to the record; the window is filled by way of vectors, then these are loaded. */
const LOAD_VECTORS = `${SET_RECORD}
  movq $0, ${PLACE.observed}(%r15)
  ${copies(RECORD.window, "%rbx", PLACE.window, "%r15")}
  ${vectors((record, name, move) => `${move} ${record}(%rbx), ${name}`)}`;

/** The flags go through ah and an addition that overflows or not; moves do not change them. */
const LOAD_GENERAL = `
  ${general((record, name) => `movq ${record}(%rbx), ${name}`)}
  movb ${RECORD.overflow}(%rbx), %al
  addb $0x7f, %al
  movb ${RECORD.flags}(%rbx), %ah
  sahf
  movq (%rbx), %rax
  movq ${8 * 3}(%rbx), %rbx`;

function storeAll(observer: Observer, isString: boolean): string {
  return `
    ${observer.code}
    movq %rbx, ${PLACE.rbx}(%r15)
    ${isString ? "cld" : ""}
    movl ${PLACE.position}(%r15), %ebx
    shll $${RECORD.shift}, %ebx
    addl $${PLACE.after}, %ebx
    ${general((record, name) => `movq ${name}, ${record}(%rbx)`)}
    ${vectors((record, name, move) => `${move} ${name}, ${record}(%rbx)`)}
    movq ${PLACE.rax}(%r15), %rax
    movq %rax, (%rbx)
    movq ${PLACE.rbx}(%r15), %rax
    movq %rax, ${8 * 3}(%rbx)
    movq ${PLACE.observed}(%r15), %rax
    movq %rax, ${RECORD.flags}(%rbx)
    ${copies(PLACE.window, "%r15", RECORD.window, "%rbx")}`;
}

/** All general registers but rax and rbx, which are needed meanwhile. */
function general(line: (record: number, name: string) => string): string {
  return GENERAL.flatMap((name, at) =>
    at === 0 || at === 3 ? [] : [line(8 * at, `%${name}`)],
  ).join("\n");
}

function vectors(line: (record: number, name: string, move: string) => string): string {
  const lines: string[] = [];
  for (let at = 0; at < 16; at++) lines.push(line(RECORD.xmm + 16 * at, `%xmm${at}`, "movups"));
  for (let at = 0; at < 8; at++) lines.push(line(RECORD.mm + 8 * at, `%mm${at}`, "movq"));
  return lines.join("\n");
}

function upperHalves(line: (record: number, name: string) => string): string {
  return `\n${Array.from({ length: 16 }, (_, at) => line(RECORD.upper + 16 * at, `%ymm${at}`)).join(
    "\n",
  )}`;
}

function copies(from: number, fromBase: string, to: number, toBase: string): string {
  const lines: string[] = [];
  for (let at = 0; at < RECORD.windowBytes; at += 16) {
    lines.push(`movups ${from + at}(${fromBase}), %xmm0`, `movups %xmm0, ${to + at}(${toBase})`);
  }
  return lines.join("\n");
}
