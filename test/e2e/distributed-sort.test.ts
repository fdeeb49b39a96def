import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { zerovm } from "../support/command-line.ts";
import { prepareJob } from "../support/job-example.ts";

let folder: string;
let copy: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "zerovm-test-"));
  copy = await prepareJob("distributed-sort", folder);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs the job of the example over other inputs. */
async function sorted(inputs: readonly Uint8Array[], ...options: readonly string[]) {
  const store = join(copy, "store", "lines");
  rmSync(store, { recursive: true });
  mkdirSync(join(store, "in"), { recursive: true });
  for (const [index, bytes] of inputs.entries()) {
    writeFileSync(join(store, "in", String(index)), bytes);
  }
  const words = ["job", "run", "--quiet", "--timeout", "90", "--store", "store", ...options];
  const ended = await zerovm([...words, "job.json"], { cwd: copy });
  const parts = [1, 2, 3].map((number) => join(store, "sorted", `sort-${number}`));
  return { ...ended, stored: () => Buffer.concat(parts.map((path) => readFileSync(path))) };
}

/** What `LC_ALL=C sort` makes of lines. */
function plainlySorted(lines: readonly Buffer[]): Buffer {
  return joined([...lines].sort(Buffer.compare));
}

function joined(lines: readonly Uint8Array[]): Buffer {
  return Buffer.concat(lines.flatMap((line) => [line, Buffer.from("\n")]));
}

const LINES = Array.from({ length: 3000 }, (_, index) => index * 7919);
const KINDS: Readonly<Record<string, readonly string[]>> = {
  "a line that begins another, zeros and tabs": LINES.map((value) => {
    return "a\0b\tc".repeat(3).slice(0, value % 12) + ["", "\0", "\0\0", "\t"][value % 4];
  }),
  "the same lines again and again": LINES.map((value) => `of ${value % 3}`),
  "long beginnings that all have": LINES.map((value) => {
    return `https://www.example.org/a/long/beginning/${"x".repeat(value % 70)}/${value}`;
  }),
  "lines that are in order": LINES.map((value) => String(value).padStart(12, "0")),
  "empty lines": LINES.map(() => ""),
  "bytes that are no text": LINES.map((value) => String.fromCharCode(128 + (value % 128), 200)),
};

describe("the distributed sort", () => {
  test.each(Object.entries(KINDS))("sorts %s", async (_, texts) => {
    const lines = texts.map((text) => Buffer.from(text, "latin1"));
    const parts = [lines.slice(0, 500), lines.slice(500, 2900), lines.slice(2900)];
    const inputs: Uint8Array[] = parts.map(joined);
    // The last line has no newline, where it is seen without.
    if (lines.at(-1)?.length !== 0) inputs[2] = inputs[2]?.subarray(0, -1) ?? Buffer.alloc(0);
    const { status, stdout, stderr, stored } = await sorted(inputs);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(stdout).toMatch(/\n3000 lines in order, checksum [0-9a-f]{16}\n$/);
    expect(stored().equals(plainlySorted(lines))).toBe(true);
  });

  test("sorts the longest lines, and says where one is too long", async () => {
    const long = (sizeBytes: number): Buffer => Buffer.alloc(sizeBytes, "z");
    const lines = ["one", "two"].map((text) => Buffer.from(text));
    const fits = await sorted([joined([...lines, long(2 ** 20 - 1)]), joined(lines)]);
    expect(fits.status).toBe(0);
    expect(fits.stored().length).toBe(2 ** 20 + 16);
    const { status, stderr } = await sorted([joined([...lines, long(2 ** 20)]), joined(lines)]);
    expect(status).toBe(132);
    expect(stderr).toContain("A line after line 2 has more than 1048576 bytes");
  });

  test("says where a sorter has too little memory", async () => {
    const input = Buffer.from("all of them are the same\n".repeat(200_000));
    const { status, stderr } = await sorted([input], "--memory", "6M");
    expect(status).toBe(132);
    expect(stderr).toContain("do not fit into the memory of this node: take more sorters");
  });
});
