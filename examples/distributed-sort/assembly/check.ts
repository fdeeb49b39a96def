/**
 * The node of a distributed sort that knows of all others. It chooses the ranges of the sorters
 * from samples of the readers, and at the end it says whether what they stored is what was read,
 * in order: as many lines, with the same checksum, and no range begins before the end of another.
 */
import {
  fail,
  openToRead,
  openToWrite,
  peersOf,
  readWhole,
  write,
} from "../../assembly/connections";
import { isBehind, KEY_BYTES, SLACK } from "./lines";
import { SAMPLES_HEAD } from "./samples";

const REPORT_BYTES: usize = 24;

const readers = peersOf("in", "read");
const sorters = peersOf("in", "sort");

/** The beginning of a line, and how many bytes of the input it stands for. */
class Sample {
  at: usize;
  weight: f64;

  constructor(at: usize, weight: f64) {
    this.at = at;
    this.weight = weight;
  }
}

const samples: Sample[] = [];
let inputBytes: f64 = 0;

function takeSamples(from: u32, name: string): void {
  const head = heap.alloc(SAMPLES_HEAD);
  readWhole(from, head, SAMPLES_HEAD, name);
  const size = <f64>load<u64>(head);
  const count = <usize>load<u64>(head, 8);
  const keys = heap.alloc(count * KEY_BYTES + SLACK);
  readWhole(from, keys, count * KEY_BYTES, name);
  for (let index: usize = 0; index < count; index++) {
    samples.push(new Sample(keys + index * KEY_BYTES, size / <f64>count));
  }
  inputBytes += count > 0 ? size : 0;
}

function compareSamples(one: Sample, other: Sample): i32 {
  if (isBehind(one.at, KEY_BYTES, other.at, KEY_BYTES)) return 1;
  return isBehind(other.at, KEY_BYTES, one.at, KEY_BYTES) ? -1 : 0;
}

/** @returns where the ranges of all sorters but the first begin: each gets as much, about */
function chooseBorders(): usize {
  samples.sort(compareSamples);
  const borders = heap.alloc(<usize>sorters.length * KEY_BYTES);
  memory.fill(borders, 0, <usize>sorters.length * KEY_BYTES);
  let passed: f64 = 0;
  let next = 0;
  for (let border = 1; border < sorters.length; border++) {
    const wanted = (inputBytes * <f64>border) / <f64>sorters.length;
    while (next < samples.length - 1 && passed < wanted) passed += samples[next++].weight;
    const to = borders + <usize>(border - 1) * KEY_BYTES;
    if (next < samples.length) memory.copy(to, samples[next].at, KEY_BYTES);
  }
  return borders;
}

function hex(value: u64): string {
  return (
    (<u32>(value >> 32)).toString(16).padStart(8, "0") + (<u32>value).toString(16).padStart(8, "0")
  );
}

const inputs: u32[] = [];
for (let index = 0; index < readers.length; index++) {
  inputs.push(openToRead(`/dev/in/${readers[index]}`));
  takeSamples(inputs[index], readers[index]);
}
const borders = chooseBorders();
for (let index = 0; index < readers.length; index++) {
  const output = openToWrite(`/dev/out/${readers[index]}`);
  write(output, borders, <usize>(sorters.length - 1) * KEY_BYTES);
}

const report = heap.alloc(REPORT_BYTES);
let linesIn: u64 = 0;
let sumIn: u64 = 0;
for (let index = 0; index < readers.length; index++) {
  readWhole(inputs[index], report, 16, readers[index]);
  linesIn += load<u64>(report);
  sumIn += load<u64>(report, 8);
}

let linesOut: u64 = 0;
let sumOut: u64 = 0;
let last: usize = 0;
let lastSize: usize = 0;
let wrong = "";
for (let index = 0; index < sorters.length; index++) {
  const input = openToRead(`/dev/in/${sorters[index]}`);
  readWhole(input, report, REPORT_BYTES, sorters[index]);
  const count = load<u64>(report);
  const firstSize = <usize>load<u32>(report, 16);
  const endSize = <usize>load<u32>(report, 20);
  const first = heap.alloc(firstSize + endSize + 2 * SLACK);
  readWhole(input, first, firstSize, sorters[index]);
  readWhole(input, first + firstSize + SLACK, endSize, sorters[index]);
  linesOut += count;
  sumOut += load<u64>(report, 8);
  process.stdout.write(`${sorters[index]}: ${count} lines\n`);
  if (count === 0) continue;
  if (last !== 0 && isBehind(last, lastSize, first, firstSize)) {
    wrong += `${sorters[index]} begins before the end of the one in front of it\n`;
  }
  last = first + firstSize + SLACK;
  lastSize = endSize;
}
if (linesIn !== linesOut) wrong += `${linesIn} lines were read, and ${linesOut} written\n`;
else if (sumIn !== sumOut) wrong += "Lines are not those that were read\n";
if (wrong.length > 0) fail(wrong);
process.stdout.write(`${linesOut} lines in order, checksum ${hex(sumOut)}\n`);
