import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { BenchFolder } from "./bench-folder.ts";
import { compileExample } from "./compile-example.ts";
import { jobCommand } from "./connections/connected-job.ts";
import type { Measurement } from "./measurement.ts";
import { type Command, runProcess, timeInTurns } from "./run-process.ts";
import { writeLines } from "./sort/lines-file.ts";
import { atMost, median } from "./statistics.ts";

const READERS = 7;
const SORTERS = 8;
/** Readers, sorters and the node that checks. */
const NODES = READERS + SORTERS + 1;
/** Where cells take longer to start than to sort, a ratio says nothing. */
const JUDGED_BYTES = 1e9;
const TIME_RATIO = 2.5;
const MEBIBYTE = 2 ** 20;
const LEAST_MEMORY_BYTES = 64 * MEBIBYTE;
/** A sorter needs its lines, about 40 bytes for each, and some more: ranges are not alike. */
const MEMORY_BY_SHARE = 2;

/**
 * The example distributed-sort with sixteen nodes, against GNU sort on two processors. Both read
 * and write files, and have the same memory: what the nodes were given together.
 */
export async function measureSort(
  place: BenchFolder,
  rounds: number,
  { sizeBytes = 64e6 }: { readonly sizeBytes?: number } = {},
): Promise<Measurement[]> {
  const inputs = makeInputs(place, sizeBytes);
  for (const name of ["read", "sort", "check"]) {
    compileExample("distributed-sort", name, place.path(`store/bin/${name}.wasm`));
  }
  const share = Math.ceil((sizeBytes * MEMORY_BY_SHARE) / SORTERS / MEBIBYTE) * MEBIBYTE;
  const memoryBytes = Math.max(LEAST_MEMORY_BYTES, share);
  const ours = { ...sortingJob(place, memoryBytes), name: "zerovm" };
  const sorted = place.path("sorted");
  const theirs = gnuSort(inputs, sorted, memoryBytes * NODES);
  const samples = timeInTurns([ours, theirs], rounds);
  compare(place, sorted);
  const candidates = [ours, theirs].map(({ name }) => ({ name, samples: samples.get(name) ?? [] }));
  const [ourMs = 0, theirMs = 1] = candidates.map((candidate) => median(candidate.samples));
  const bar = `time of GNU sort, ${NODES} nodes`;
  return [
    {
      name: `sort of ${sizeBytes / 1e6} MB of lines by ${NODES} nodes`,
      unit: "ms",
      note: `${memoryBytes / MEBIBYTE} MiB a node; GNU sort has as much as all of them`,
      candidates,
      verdicts: sizeBytes < JUDGED_BYTES ? [] : [atMost(bar, ourMs / theirMs, TIME_RATIO)],
    },
  ];
}

function makeInputs(place: BenchFolder, sizeBytes: number): string[] {
  const folder = place.path("store/lines/in");
  mkdirSync(folder, { recursive: true });
  return Array.from({ length: READERS }, (_, index) => {
    const file = join(folder, String(index + 1));
    writeLines(file, Math.ceil(sizeBytes / READERS), index + 1);
    return file;
  });
}

function sortingJob(place: BenchFolder, memoryBytes: number): Command {
  const input = { name: "input", path: "swift://~/lines/in/*" };
  const output = { name: "stdout", path: "swift://~/lines/sorted/*" };
  const groups = [
    { name: "read", program: "read.wasm", devices: [input], connect: ["sort", "check"] },
    {
      name: "sort",
      program: "sort.wasm",
      count: SORTERS,
      devices: [output],
      connect: ["check"],
    },
    { name: "check", program: "check.wasm", devices: [{ name: "stdout" }], connect: ["read"] },
  ];
  return jobCommand(place, "sort", groups, ["--memory", String(memoryBytes), "--quiet"]);
}

function gnuSort(inputs: readonly string[], output: string, memoryBytes: number): Command {
  const size = `${Math.floor(memoryBytes / 1024)}K`;
  return {
    name: "GNU sort",
    words: ["sort", "-S", size, "--parallel=2", "-o", output, ...inputs],
    env: { LC_ALL: "C" },
  };
}

/** @throws Error when what the nodes stored is not what GNU sort wrote */
function compare(place: BenchFolder, sorted: string): void {
  const parts = Array.from({ length: SORTERS }, (_, index) => {
    return place.path(`store/lines/sorted/sort-${index + 1}`);
  });
  const line = `cat ${parts.join(" ")} | cmp - ${sorted}`;
  runProcess({ name: "comparing both results", words: ["/bin/sh", "-c", line] });
}
