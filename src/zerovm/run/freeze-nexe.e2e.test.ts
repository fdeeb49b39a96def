import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { assembledNexe } from "../../../test/support/assembled-nexe.ts";
import { captured } from "../../../test/support/captured.ts";
import { COPYING, forking, LATER, SUM } from "../../../test/support/forking-nexe.ts";
import { naclLines } from "../../../test/support/nexe-session.ts";
import { trapLines, writingNexe } from "../../../test/support/nexe-text.ts";
import { temporaryFolders } from "../../../test/support/temporary-folder.ts";
import { readNexeImage, writeNexeImage } from "../../nacl/frozen/index.ts";
import { sha256Of } from "../program/index.ts";
import { replay } from "../session/index.ts";
import { freeze } from "./freeze.ts";
import { inspect } from "./inspect.ts";
import type { FreezeOptions, RunOptions } from "./options.ts";
import { prepare } from "./prepared-program.ts";
import { type RunResult, run } from "./run.ts";

const newFolder = temporaryFolders();
const MEMORY = { memoryBytes: 2 ** 26 };

/** A program in a folder of its own, and the place of its image. */
class Place {
  readonly folder = newFolder();
  readonly program = join(this.folder, "guest.nexe");
  readonly image = join(this.folder, "guest.frozen");

  constructor(text: string) {
    writeFileSync(this.program, assembledNexe(text));
  }

  async freeze(options: Partial<FreezeOptions> = {}): ReturnType<typeof freeze> {
    return await freeze({ program: this.program, output: this.image, ...MEMORY, ...options });
  }

  async run(options: Partial<RunOptions> = {}): Promise<RunResult> {
    return await run({ program: this.image, ...MEMORY, ...options });
  }
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("latin1");
}

/** Holds values in registers of three frames over the point, and shows them behind it. */
const FRAMES = writingNexe(
  `movabsq $0x1122334455667788, %r12
  movq $-2, %r13
  movl $77, %r14d
  movl $99, %ebx
  pushq $5
  naclcall outer
  popq %rcx
  movq %r12, out(%rip)
  movq %r13, out+8(%rip)
  movq %r14, out+16(%rip)
  movq %rbx, out+24(%rip)
  movq %rcx, out+32(%rip)`,
  48,
  `.p2align 5
  outer: pushq %r12
  addq $1, %r13
  movl $123, %r12d
  naclcall inner
  movl %r12d, out+40(%rip)
  popq %r12
  addq $1, %r13
  naclret
  .p2align 5
  inner: movl $6, out+44(%rip)
  movl $0, words+40(%rip)
  ${trapLines("Fork")}
  addl words+40(%rip), %ebx
  naclret`,
).replace("words: .quad 0, 0, 0, 0, 0, 0", "words: .quad 0, 0, 0, 0, 0, 9");

/** Has something of all that its system calls give, reads the file, and shows it behind that. */
function reading(more = "", other = ""): string {
  return `.text
  .globl _start
  .p2align 5
  _start: movdqa pattern(%rip), %xmm7
  movl $321, %r10d
  ${naclLines("open", "path", 0, 0)}
  ${more}
  ${naclLines("mutex_create")}
  ${naclLines("sem_create", 7)}
  movl %eax, semaphore(%rip)
  ${naclLines("close", "0x100000")}
  ${naclLines("tls_init", "0x20000")}
  ${naclLines("mmap", 0, 0x2_0000, 3, 0x22, -1, 0)}
  movl %eax, %ebx
  movl $0x64636261, (%r15,%rbx)
  ${naclLines("get_random_bytes", "out+64", 8)}
  ${naclLines("gettimeofday", "out+72")}
  ${naclLines("read", 4, "said", 64)}
  movl %eax, %r14d
  ${naclLines("write", 1, "out", 96)}
  movl %r14d, %edx
  ${naclLines("write", 1, "said")}
  movl %ebx, %esi
  movl $4, %edx
  ${naclLines("write", 1)}
  movdqa %xmm7, out(%rip)
  movl %r10d, out+16(%rip)
  ${naclLines("mmap", 0, 0x1_0000, 3, 0x22, -1, 0)}
  movl %eax, out+20(%rip)
  ${naclLines("mutex_create")}
  movl %eax, out+24(%rip)
  movl $out+28, %esi
  movl semaphore(%rip), %edi
  ${naclLines("sem_get_value")}
  ${naclLines("tls_get")}
  movl %eax, out+32(%rip)
  ${naclLines("brk", 0)}
  movl %eax, out+36(%rip)
  ${naclLines("get_random_bytes", "out+40", 8)}
  ${naclLines("gettimeofday", "out+48")}
  ${naclLines("write", 1, "out", 96)}
  ${naclLines("exit", 42)}
  hlt
  .data
  .p2align 4
  pattern: .quad 0x1122334455667788, 0x99aabbccddeeff00
  out: .zero 96
  semaphore: .long 0
  said: .zero 64
  path: .asciz "/dev/zfork"
  other: .asciz "${other}"`;
}

/** Makes code of a bundle of HLTs before the point. */
const MAKING = forking(
  `movl $halts, %esi
  movl $0x1000000, %edi
  movl $8, %ecx
  naclstring rep movsl
  ${trapLines("Jail", 0x100_0000, 32)}`,
  "",
  ".p2align 5\nhalts: hlt\n.p2align 5\nhlt",
);

/** Of a session without its times. */
function observed({ report, stdout, stderr }: RunResult): unknown {
  return { outcome: report.outcome, stdout: textOf(stdout), stderr: textOf(stderr) };
}

// Cells need Linux.
describe.runIf(process.platform === "linux")("a frozen nexe", () => {
  test("goes on with its registers, stack and memory", async () => {
    const place = new Place(COPYING);
    const { image, report } = await place.freeze();
    expect([report.outcome, image?.path]).toEqual([{ kind: "exited", code: 0 }, place.image]);
    const first = readFileSync(place.image);
    await place.freeze();
    expect(readFileSync(place.image).equals(first)).toBe(true);
    for (const input of ["one", "another"]) {
      expect(observed(await place.run({ stdin: { text: input } }))).toEqual({
        outcome: { kind: "exited", code: SUM },
        stdout: input,
        stderr: "",
      });
    }
  });

  test("has what all of its frames hold in registers, as where nobody froze it", async () => {
    const place = new Place(FRAMES);
    await place.freeze();
    const plain = await run({ program: place.program, ...MEMORY });
    expect(plain.stdout.length).toBe(48);
    expect(plain.stdout[47]).toBe(0);
    for (const more of [{}, { strictMemory: true }, { tier: "optimise" } as const]) {
      expect(observed(await place.run(more))).toEqual(observed(plain));
    }
    const { fuel } = (await place.run({ fuel: 10_000_000n })).report;
    expect(fuel?.used).toBeLessThan(10_000n);
  });

  test("comes to code that was not translated, and makes some", async () => {
    const place = new Place(LATER);
    await place.freeze();
    expect((await place.run()).report.outcome).toEqual({ kind: "exited", code: SUM + 1100 });
  });

  test("does what it does in a cell where it was prepared", async () => {
    const place = new Place(reading());
    const asked = { policy: "nacl", seed: 5n, clock: 1000, env: { OF: "prepared" } } as const;
    await place.freeze(asked);
    const args = ["first", "second one"];
    const frozen = await place.run({ ...asked, args });
    const waiting = await prepare({ program: place.program, ...MEMORY, ...asked });
    try {
      const prepared = await waiting.run({ args });
      const stdout = textOf(prepared.stdout);
      expect(stdout).toContain("first\0second one\0abcd");
      const hex = (text: string): string => Buffer.from(text, "latin1").toString("hex");
      expect(hex(textOf(frozen.stdout))).toBe(hex(stdout));
      expect(frozen.report.outcome).toEqual(prepared.report.outcome);
    } finally {
      await waiting.close();
    }
    const again = await place.run({ ...asked, args, verify: true });
    expect(again.report.verified).toEqual({ agrees: true });
    const record = join(place.folder, "record");
    await place.run({ ...asked, args, record });
    expect((await replay({ path: record })).verified).toEqual({ agrees: true });
  });

  test("waits in a cell itself", async () => {
    const place = new Place(COPYING);
    await place.freeze();
    const waiting = await prepare({ program: place.image, ...MEMORY });
    try {
      const { report, stdout } = await waiting.run({ stdin: { text: "late" } });
      expect([report.outcome, textOf(stdout)]).toEqual([{ kind: "exited", code: SUM }, "late"]);
    } finally {
      await waiting.close();
    }
  });

  test("says what it is", async () => {
    const place = new Place(COPYING);
    await place.freeze();
    const inspection = await inspect(place.image);
    expect(inspection).toMatchObject({ kind: "frozen", runnable: true });
    const source = (await inspect(place.program)).sha256;
    expect(inspection.nexe?.frozen?.sourceHash).toBe(source);
    expect(await captured(["check", place.image])).toMatchObject({
      status: 0,
      stdout: `${place.image}: nexe, 0 errors, 0 warnings\n`,
    });
  });
});

// Cells need Linux.
describe.runIf(process.platform === "linux")("what no image of a nexe can hold", () => {
  test.each([
    ["its end", writingNexe("", 0), "It exited before it forked, or read /dev/zfork"],
    ["code of its own", MAKING, "It made code of its own"],
  ])("%s is refused and named", async (_, text, message) => {
    const place = new Place(text);
    await expect(place.freeze()).rejects.toMatchObject({
      code: "ZVM_FREEZE",
      message: expect.stringContaining(message),
    });
  });

  test.each([
    ["an open file", "/tmp/a", naclLines("open", "other", 0o102, 0o600), "5 is still open"],
    ["a folder that it entered", "/tmp", naclLines("chdir", "other"), "It called chdir, whose"],
    ["a second number of its file", "", naclLines("dup", 4), "The descriptor 4 is still open"],
  ])("%s is refused and named", async (_, other, lines, message) => {
    const place = new Place(reading(lines, other));
    await expect(place.freeze({ policy: "nacl" })).rejects.toThrow(message);
  });

  test("an image is refused where it was damaged, and where its session cannot be", async () => {
    const place = new Place(COPYING);
    await place.freeze();
    const whole = readFileSync(place.image);
    const places = [14, 16, 20, 30, 44, 60, 70, 100, 140, 4000, whole.length - 1];
    const damagedAt = (at: number): Buffer => {
      const bytes = Buffer.from(whole);
      bytes[at] = (bytes[at] ?? 0) ^ 1;
      return bytes;
    };
    const cut = [13, 64, 127, 128, 5000, whole.length - 1].map((size) => whole.subarray(0, size));
    for (const bytes of [...places.map(damagedAt), ...cut, Buffer.concat([whole, whole])]) {
      writeFileSync(place.image, bytes);
      const { report } = await place.run();
      expect(report.outcome).toMatchObject({ kind: "refused" });
      expect(report.exitStatus).toBe(126);
    }
    writeFileSync(place.image, whole);
    const small = await place.run({ memoryBytes: 2 ** 25 });
    expect(small.report.outcome).toMatchObject({
      kind: "refused",
      findings: [
        {
          message:
            "The program does not fit: it was frozen with 67108864 bytes of memory, " +
            "and may have 33554432, not at least 67108864",
        },
      ],
    });
    const other = await place.run({ policy: "nacl" });
    expect(other.report.outcome).toMatchObject({
      findings: [{ message: expect.stringContaining("run it with --policy zerovm") }],
    });
    await expect(freeze({ program: place.image, output: place.image })).rejects.toThrow(
      "frozen already",
    );
    expect((await place.run({ memoryBytes: 2 ** 32 })).report.outcome).toEqual({
      kind: "exited",
      code: SUM,
    });
  });

  test("an image is refused where its heap would end elsewhere", async () => {
    const place = new Place(COPYING);
    await place.freeze();
    const whole = readFileSync(place.image);
    const image = readNexeImage(whole, sha256Of);
    const state = whole.subarray(128 + image.program.length);
    // As if the channels that it was frozen with had left a page less for it.
    const heapEnd = image.heapEnd - 65_536;
    writeFileSync(
      place.image,
      writeNexeImage({ ...image, heapEnd }, image.program, state, sha256Of),
    );
    expect((await place.run()).report.outcome).toMatchObject({
      findings: [
        {
          message:
            "The program does not fit: it has channels that end its heap at address " +
            `${image.heapEnd}, not the channels it was frozen with, which end it at ${heapEnd}`,
          hint: expect.stringContaining("as many channels"),
        },
      ],
    });
  });
});
