import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import {
  type NexeImage,
  type NexeState,
  readNexeImage,
  writeNexeImage,
  writeNexeState,
  writeStretchHead,
} from "../../src/nacl/frozen/index.ts";
import { freeze, run } from "../../src/zerovm/run/index.ts";
import { assembledNexe } from "../support/assembled-nexe.ts";
import { COPYING, SUM } from "../support/forking-nexe.ts";
import { temporaryFolders } from "../support/temporary-folder.ts";

/** Images of Native Client programs that somebody forged, with a hash that is right. */

const newFolder = temporaryFolders();
const MEMORY = { memoryBytes: 2 ** 26, timeoutSeconds: 10 };
const RSP = 4;
const RDI = 7;
const BASE = 0x440a_0000_0000n;

function sha256(...pieces: readonly Uint8Array[]): string {
  const hash = createHash("sha256");
  for (const piece of pieces) hash.update(piece);
  return hash.digest("hex");
}

/** An image with another state, and memory with other words in it. */
function forged(
  image: NexeImage,
  state: NexeState,
  words: readonly (readonly [address: number, word: number])[] = [],
): Uint8Array {
  const memory = image.memory.map(({ start, bytes }) => ({ start, bytes: bytes.slice() }));
  for (const [address, word] of words) {
    const page = memory.find(
      ({ start, bytes }) => start <= address && address + 4 <= start + bytes.length,
    );
    expect(page).toBeDefined();
    if (page === undefined) continue;
    new DataView(page.bytes.buffer).setUint32(address - page.start, word, true);
  }
  const stretches = memory.flatMap(({ start, bytes }) => [
    writeStretchHead(start, bytes.length),
    bytes,
  ]);
  const written = Buffer.concat([writeNexeState(state), ...stretches]);
  return writeNexeImage(image, image.program, new Uint8Array(written), sha256);
}

function withRegister(state: NexeState, at: number, value: bigint): NexeState {
  return { ...state, registers: state.registers.with(at, value) };
}

// Cells need Linux.
describe.runIf(process.platform === "linux")("a forged image of a nexe", () => {
  let image: NexeImage;

  beforeAll(async () => {
    const folder = newFolder();
    const path = join(folder, "image");
    const program = join(folder, "guest.nexe");
    writeFileSync(program, assembledNexe(COPYING));
    await freeze({ program, output: path, ...MEMORY });
    image = readNexeImage(new Uint8Array(readFileSync(path)), sha256);
  }, 60_000);

  async function outcomeOf(bytes: Uint8Array): Promise<object> {
    const path = join(newFolder(), "image");
    writeFileSync(path, bytes);
    const { report } = await run({ program: path, ...MEMORY });
    expect(report.walls).toContain("seccomp");
    return report.outcome;
  }

  test("does as the true one where nothing was changed", async () => {
    expect(await outcomeOf(forged(image, image.state))).toEqual({ kind: "exited", code: SUM });
  });

  test.each([
    ["in the middle of a bundle", 0x2_0007, { kind: "exited" }],
    ["in the null page", 0, { kind: "faulted", fault: "memory-bounds" }],
    ["in its data", 0x4_0000, { kind: "faulted", fault: "memory-bounds" }],
    ["in its stack", 0xffff_ffe0, { kind: "faulted", fault: "memory-bounds" }],
    ["behind its code", 0x2_ffe0, { kind: "faulted", fault: "memory-bounds" }],
    ["in a slot that ends it", 0x1_0040, { kind: "faulted" }],
  ])("that goes on %s begins at a bundle, or faults", async (_, address, outcome) => {
    const rsp = Number((image.state.registers[RSP] ?? 0n) & 0xffff_ffffn);
    expect(await outcomeOf(forged(image, image.state, [[rsp, address]]))).toMatchObject(outcome);
  });

  test.each<[string, (state: NexeState) => NexeState, object]>([
    ["a stack in the null page", (it) => withRegister(it, RSP, BASE), { kind: "faulted" }],
    [
      "a stack above all memory",
      (it) => withRegister(it, RSP, 2n ** 64n - 1n),
      { kind: "faulted" },
    ],
    ["words of the call nowhere", (it) => withRegister(it, RDI, 1n), { fault: "trap" }],
    ["another call", (it) => ({ ...it, call: 2046 }), { fault: "trap" }],
    [
      "a descriptor that is another",
      (it) => ({ ...it, world: { ...it.world, forks: [1] } }),
      { kind: "refused" },
    ],
    [
      "more open files than it may have",
      (it) => ({ ...it, world: { ...it.world, forks: [...Array(2 ** 16).keys()] } }),
      {
        kind: "refused",
        findings: [{ message: expect.stringContaining("65536 open files, and may have 1000") }],
      },
    ],
    [
      "a heap that it cannot have",
      (it) => {
        const runs = [{ pages: 65_536, flags: 15 }];
        const heap = { break: 2 ** 32, highestBreak: 0, runs };
        return { ...it, world: { ...it.world, heap } };
      },
      { kind: "exited", code: SUM },
    ],
  ])("with %s ends in order", async (_, change, outcome) => {
    expect(await outcomeOf(forged(image, change(image.state)))).toMatchObject(outcome);
  });
});
