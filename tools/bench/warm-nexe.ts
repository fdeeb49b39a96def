import { closeSync } from "node:fs";
import { STANDARD_LIMITS } from "../../src/base/index.ts";
import { closeProgram, examineAny, prepareProgram } from "../../src/zerovm/program/index.ts";
import { HOST_OFFER } from "../../src/zerovm/session/index.ts";
import { assembledNexe } from "../../test/support/assembled-nexe.ts";
import { trapLines } from "../../test/support/nexe-text.ts";
import type { BenchFolder } from "./bench-folder.ts";
import type { Measurement } from "./measurement.ts";
import { atMost, median } from "./statistics.ts";

const KIB = 1024;
/** Bytes of text of a function of these programs. */
const FUNCTION_BYTES = 256;
/** What judging and translating 200 KB may take, and what taking that from the cache, in ms. */
const BARS = { cold: 1000, kept: 10 } as const;

/**
 * A Native Client program with so many bytes of text, which says hello and ends. All of it is
 * translated, since a table in its data names each function, and next to nothing of it runs.
 */
export function largeNexe(textBytes: number): Uint8Array {
  const names = Array.from({ length: textBytes / FUNCTION_BYTES }, (_, at) => `function${at}`);
  const step = "imull $1000003, %eax, %eax\naddl $7919, %eax\nmovl %eax, words+40(%rip)";
  // A step has 18 bytes of a bundle of 32, and the return one of its own.
  const body = Array.from({ length: 7 }, () => `.p2align 5\n${step}`).join("\n");
  const functions = names.map((name) => `.p2align 5\n${name}: ${body}\n.p2align 5\nnaclret`);
  return assembledNexe(`.text
    .globl _start
    .p2align 5
    _start: ${trapLines("Writ", 1, "hello", 6, 0)}
    movl functions(%rip), %eax
    naclcall %eax
    ${trapLines("Exit", 0)}
    hlt
    ${functions.join("\n")}
    .data
    .p2align 4
    words: .quad 0, 0, 0, 0, 0, 0
    hello: .ascii "hello\\n"
    .p2align 4
    functions: .long ${names.join(", ")}`);
}

/** A program from its file to a module that a cell can compile, translated and from the cache. */
export async function measureTranslation(place: BenchFolder, rounds: number): Promise<Measurement> {
  const program = place.write("text-200.nexe", largeNexe(200 * KIB));
  const before = process.env["ZEROVM_CACHE"];
  const [cold, kept]: [number[], number[]] = [[], []];
  try {
    for (let round = 0; round < rounds; round++) {
      process.env["ZEROVM_CACHE"] = place.path(`cache-${round}`);
      cold.push(await timeOpening(program));
      kept.push(await timeOpening(program));
    }
  } finally {
    if (before === undefined) delete process.env["ZEROVM_CACHE"];
    else process.env["ZEROVM_CACHE"] = before;
  }
  return {
    name: "200 KB of nexe text to a module",
    unit: "ms",
    note: "judged and translated; or read from the cache, with its digest",
    candidates: [
      { name: "translated", samples: cold },
      { name: "from the cache", samples: kept },
    ],
    verdicts: [
      atMost("ms for the first of the process", cold[0] ?? Number.NaN, BARS.cold),
      atMost("ms in the middle from the cache", median(kept), BARS.kept),
    ],
  };
}

async function timeOpening(path: string): Promise<number> {
  const start = performance.now();
  const { memory: memoryBytes, table: tableElements } = STANDARD_LIMITS;
  const verdict = await examineAny(path, { memoryBytes, tableElements, ...HOST_OFFER });
  if (verdict.kind !== "accepted") throw new Error(verdict.findings[0]?.message);
  const options = { limits: STANDARD_LIMITS, isMetered: false, isOutlined: true, tiersUp: true };
  const prepared = prepareProgram(verdict.program, options);
  const took = performance.now() - start;
  if (prepared.kind === "file") closeSync(prepared.fd);
  closeProgram(verdict.program);
  return took;
}
