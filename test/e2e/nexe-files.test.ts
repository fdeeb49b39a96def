import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { NexeRefused, readNexe, writeNexe } from "../../src/nacl/elf/index.ts";
import type { Report } from "../../src/zerovm/report/index.ts";
import { executeManifest } from "../../src/zerovm/session/index.ts";
import { GOLDEN, mutated, RODATA } from "../support/elf-mutations.ts";
import { goldenText } from "../support/golden-nexe.ts";
import { temporaryFolders } from "../support/temporary-folder.ts";

const newFolder = temporaryFolders();

async function run(program: Uint8Array): Promise<Report> {
  const path = join(newFolder(), "program.nexe");
  writeFileSync(path, program);
  const text = [
    "Version = 20130611",
    `Program = ${path}`,
    "Memory = 33554432, 0",
    "Timeout = 20",
    "Channel = /dev/null, /dev/stdin, 0, 0, 1, 1, 0, 0",
    "Channel = /dev/null, /dev/stdout, 0, 0, 0, 0, 1, 1",
    "Channel = /dev/null, /dev/stderr, 0, 0, 0, 0, 1, 1",
  ].join("\n");
  return await executeManifest({ text });
}

/** What the reader of files alone would say; undefined where the file is good. */
function stateOf(program: Uint8Array): string | undefined {
  try {
    readNexe(program, "zerovm");
    return undefined;
  } catch (error) {
    if (error instanceof NexeRefused) return error.classicState;
    throw error;
  }
}

/** Started, and at the end of its stack with the first instruction: a trampoline is no start. */
const FAULTS_LATER = "entry 0x10000, which faults later";

describe("a program file, as the original took it:", () => {
  test.each(GOLDEN.map((row) => ({ name: row[0], row })))("$name", async ({ row }) => {
    const [name, mutation, code, reason] = row;
    const program = mutated(mutation);
    const report = await run(program);
    if (name === FAULTS_LATER) {
      expect(report.classic).toMatchObject({ validator: 0, exitCode: 4 });
      return;
    }
    const { exitCode, state, userCode, validator } = report.classic;
    expect({ exitCode, userCode }).toEqual({ exitCode: code, userCode: code === 0 ? 42 : 0 });
    if (code === 0) {
      expect({ state, validator }).toEqual({ state: "ok", validator: 0 });
      return;
    }
    expect(report.outcome.kind).toBe("refused");
    // Memory is laid out when the code was found valid.
    expect(validator).toBe(reason === "heap-too-small" ? 0 : 2);
    // What is no ELF file for x86-64 is told by what it is.
    const isNone = reason === "elf-magic" || reason === "elf-machine";
    const known = isNone ? "check failed" : stateOf(program);
    expect(state).toBe(known ?? "user heap size is too small");
  });

  test("RET in its text", async () => {
    const text = goldenText();
    text[14] = 0xc3;
    const report = await run(writeNexe({ text, rodata: RODATA }));
    const state = "validation failed";
    expect(report.classic).toMatchObject({ validator: 1, exitCode: 8, userCode: 0, state });
  });

  test("a text of HLT", async () => {
    const report = await run(writeNexe({ text: new Uint8Array(96).fill(0xf4), rodata: RODATA }));
    const state = "Signal 11 from untrusted code: Halting at 0x440A00020000";
    expect(report.classic).toMatchObject({ validator: 0, exitCode: 4, userCode: 0, state });
  });
});
