import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import {
  fillInitialMemory,
  type GuestLayout,
  layout,
  readNexe,
  type UserChannel,
  userManifestBytes,
  writeUserManifest,
} from "../../src/nacl/elf/index.ts";
import type { Report } from "../../src/zerovm/report/index.ts";
import { executeManifest } from "../../src/zerovm/session/index.ts";
import { assembledNexe } from "../support/assembled-nexe.ts";
import { goldenNexe } from "../support/golden-nexe.ts";
import { trapLines } from "../support/nexe-text.ts";
import { temporaryFolders } from "../support/temporary-folder.ts";

const newFolder = temporaryFolders();

const MEMORY_BYTES = 33_554_432;
const CHANNELS: readonly UserChannel[] = [
  { alias: "/dev/stdin", type: 0, limits: [1n, 1n, 0n, 0n], sizeBytes: 0n },
  { alias: "/dev/stdout", type: 0, limits: [0n, 0n, 1n, 1n], sizeBytes: 0n },
  { alias: "/dev/stderr", type: 0, limits: [0n, 0n, 1n, 1n], sizeBytes: 0n },
];
/** What registers hold above the 32 bits of an address. */
const BASE = 0x440a_0000_0000n;

/** Runs a program with the etag of its memory, on channels to nowhere. */
async function run(program: Uint8Array, line = "Timeout = 5", more: object = {}): Promise<Report> {
  const path = join(newFolder(), "program.nexe");
  writeFileSync(path, program);
  const channels = CHANNELS.map(({ alias, type, limits }) => {
    return `Channel = /dev/null, ${alias}, ${type}, 0, ${limits.join(", ")}`;
  });
  const memory = `Memory = ${MEMORY_BYTES}, 1`;
  const lines = ["Version = 20130611", `Program = ${path}`, memory, line, ...channels];
  return await executeManifest({ text: lines.join("\n"), ...more });
}

function memoryEtag({ etags }: Report): string | undefined {
  return etags.find(({ alias }) => alias === "/dev/memory")?.hex;
}

/** The digest of what a program's memory holds at its start, and of words that it left there. */
function expectedEtag(program: Uint8Array, words: readonly (readonly [number, bigint])[]): string {
  const nexe = readNexe(program, "zerovm");
  const guest: GuestLayout = layout(nexe, MEMORY_BYTES, userManifestBytes(CHANNELS));
  const told = writeUserManifest(guest, CHANNELS);
  const hash = createHash("sha1");
  for (const { start, end } of guest.hashed) {
    const bytes = Buffer.alloc(end - start);
    fillInitialMemory(guest, program, start, bytes);
    if (start === guest.manifest.start) bytes.set(told.bytes, told.address - start);
    for (const [address, word] of words) {
      if (address >= start && address < end) bytes.writeBigUInt64LE(word, address - start);
    }
    hash.update(bytes);
  }
  return hash.digest("hex");
}

describe("the etag of a program's memory", () => {
  test("is the original's after its smallest program", async () => {
    for (const more of [{}, { tier: "optimise" }, { isolation: "none" }]) {
      const report = await run(goldenNexe(), "Timeout = 5", more);
      expect(report.outcome).toEqual({ kind: "exited", code: 42 });
      expect(memoryEtag(report)).toBe("616c642cc0a007992a9a2ff343482c6da4b89ae6");
    }
  });

  test("is the original's where the program was loaded and the time is none", async () => {
    const report = await run(goldenNexe(), "Timeout = 0");
    expect(report.classic).toMatchObject({ exitCode: 14, state: "invalid timeout 0", userCode: 0 });
    expect(memoryEtag(report)).toBe("9a2438eab029f7e0022c3eec579be3284728fd96");
    const judged = await run(goldenNexe(), "Timeout = 1", { judgeOnly: true });
    expect(memoryEtag(judged)).toBe("9a2438eab029f7e0022c3eec579be3284728fd96");
  });

  test("is that of nothing where the program was not loaded", async () => {
    const report = await run(goldenNexe().subarray(0, 70));
    expect(report.outcome.kind).toBe("refused");
    expect(memoryEtag(report)).toBe(createHash("sha1").digest("hex"));
  });

  test("covers data and heap, and stored registers with the base of the sandbox", async () => {
    const heap = 0x10_0000;
    const program = assembledNexe(`.text
      .globl _start
      .p2align 5
      _start: movl $${heap}, %r12d
      naclindex %r12 movq %r15, (%r15,%r12)
      naclindex %r12 movq %rsp, 8(%r15,%r12)
      naclindex %r12 movq %rbp, 16(%r15,%r12)
      leaq here(%rip), %rax
      .p2align 5
      here: naclindex %r12 movq %rax, 24(%r15,%r12)
      naclindex %r12 movq %rcx, 32(%r15,%r12)
      ${trapLines("Nope")}
      naclindex %r12 movq %rcx, 40(%r15,%r12)
      naclindex %r12 movq %rdi, 48(%r15,%r12)
      movq $0x74697845, words(%rip)
      movl $words, %edi
      movl $1, %esi
      movl $2, %edx
      movl $3, %ecx
      movl $4, %r8d
      movl $5, %r9d
      pushq %rbp
      naclcall last
      hlt
      .p2align 5
      last: naclrsp sub $24
      naclcall 0x10000
      hlt
      .data
      .p2align 4
      words: .quad 0, 0, 0`);
    const report = await run(program);
    expect(report.outcome).toEqual({ kind: "exited", code: 0 });
    const nexe = readNexe(program, "zerovm");
    // Every call stands at the end of its bundle; the text is searched for where each returns to.
    const text = Buffer.from(program.subarray(nexe.text.fileOffset));
    const calls = [...Array(nexe.text.fileBytes / 32).keys()]
      .map((bundle) => bundle * 32 + 27)
      .filter((at) => text[at] === 0xe8)
      .map((at) => 0x2_0000 + at + 5);
    const [unknown = 0, toLast = 0, toExit = 0] = calls;
    const here = 0x2_0000 + text.indexOf(Buffer.from("4589e44b894427", "hex"));
    const start = 0xffff_ffc8;
    const inside = start - 8 - 8 - 24;
    const pair = (low: number, high: number) => (BigInt(high) << 32n) | BigInt(low);
    const data = nexe.data?.address ?? 0;
    expect(memoryEtag(report)).toBe(
      expectedEtag(program, [
        [data, 0x7469_7845n],
        [heap, BASE],
        [heap + 8, BASE + BigInt(start)],
        [heap + 16, BASE + BigInt(start)],
        [heap + 24, BASE + BigInt(here)],
        [heap + 32, BASE + 0x2_0000n],
        [heap + 40, BASE + BigInt(unknown)],
        [heap + 48, BigInt(start) + 8n],
        // What tells the program of its arguments.
        [0xffff_ffd8, pair(1, 0xffff_fff0)],
        [start - 8, BASE + BigInt(start)],
        [start - 16, BASE + BigInt(toLast)],
        // What is left of the first call of the sandbox.
        [start - 32, pair(0, 0x2_0000)],
        [start - 40, pair(data, 0)],
        [inside - 8, BASE + BigInt(toExit)],
        [inside - 16, BASE + 0x1_000cn],
        [inside - 24, pair(4, 5)],
        [inside - 32, pair(2, 3)],
        [inside - 40, pair(data, 1)],
      ]),
    );
  });
});
