import { beforeEach, describe, expect, test } from "vitest";
import {
  type GuestOptions,
  type TestChannel,
  TestGuest,
} from "../../../test/support/guest-harness.ts";
import { Regions } from "../nacl/index.ts";
import { type CodeMaker, NexeFault, TrapAbort } from "./index.ts";

const BASE = 0x1_0000;
const HEAP = { start: 0x4_0123, end: 0x100_0000 };
const MANIFEST = { start: 0xfeff_0000, end: 0xff00_0000 };
const BLOCK = 0xff00_1000;
const DATA = 0x4_0000;

const REGIONS = [
  { end: 0x1_0000, access: "none" },
  { end: 0x3_0000, access: "rx" },
  { end: 0x3_1000, access: "r" },
  { end: HEAP.end, access: "rw" },
  { end: MANIFEST.start, access: "none" },
  { end: MANIFEST.end, access: "r" },
  { end: 2 ** 32, access: "rw" },
] as const;

// Four GiB of addresses without a byte in use, the null page left out.
const memory = new WebAssembly.Memory({ initial: 65_535 });

type Name = "Read" | "Writ" | "Jail" | "Unjl" | "Exit" | "Fork" | "ZRT ";

/** The number of a call is its name in ASCII. */
function numberOf(name: Name): number {
  return new DataView(new TextEncoder().encode(name).buffer).getUint32(0, true);
}

class NexeGuest {
  readonly guest: TestGuest;
  readonly #trap: (block: number) => bigint;
  /** Where a jump to what is no known function goes. */
  readonly unknown: (address: number) => number;

  constructor(channels: readonly TestChannel[] = [], maker?: CodeMaker, more: GuestOptions = {}) {
    this.guest = new TestGuest({ channels, ...more });
    const space = {
      base: BASE,
      regions: new Regions(REGIONS),
      codeStart: DATA,
      codeEnd: HEAP.end,
      ...(maker !== undefined && { code: maker }),
    };
    const imports = this.guest.zrt.trapImports(() => memory, space);
    this.#trap = imports["nacl"]?.["trap"] as (block: number) => bigint;
    this.unknown = imports["nacl"]?.["unknown"] as (address: number) => number;
  }

  at(block: number): bigint {
    return this.#trap(block);
  }

  call(name: Name, ...args: readonly (number | bigint)[]): number {
    const view = new DataView(memory.buffer);
    const words = [BigInt(numberOf(name)), 0xdead_beefn, ...args.map(BigInt)];
    words.forEach((word, index) => {
      view.setBigInt64(BLOCK - BASE + 8 * index, BigInt.asIntN(64, word), true);
    });
    return Number(this.#trap(BLOCK));
  }
}

const FILE: TestChannel = { alias: "/dev/file", type: 3, contents: "0123456789" };
const PLACE = 3;
let nexe: NexeGuest;

beforeEach(() => {
  nexe = new NexeGuest([FILE]);
});

describe("buffers of a call", () => {
  const refused: readonly (readonly [address: number | bigint, size: number])[] = [
    [0, 0],
    [0, 1],
    [1, 1],
    [0xffff, 1],
    [MANIFEST.start - 1, 1],
    [HEAP.end, 1],
    [HEAP.start, HEAP.end - HEAP.start + 1],
    [2n ** 32n, 1],
    [2n ** 32n + BigInt(DATA), 1],
    [0xff00_0000, 0x100_0001],
  ];
  test.each(refused)("neither read nor written at %s, %s bytes", (address, size) => {
    expect(nexe.call("Writ", PLACE, address, size, 0)).toBe(-22);
    expect(nexe.call("Read", PLACE, address, size, 0)).toBe(-22);
  });

  test.each([0x1_0000, HEAP.end - 1, 0xff00_0000, 0xffff_ffff, MANIFEST.end - 1])(
    "are written from at %s",
    (address) => {
      expect(nexe.call("Writ", PLACE, address, 1, 0)).toBe(1);
    },
  );

  test("lie where the program may write, for a read", () => {
    for (const address of [0x2_0000, 0x3_0010, MANIFEST.end - 1]) {
      expect(nexe.call("Read", PLACE, address, 1, 0)).toBe(-22);
      expect(nexe.call("Read", PLACE, address, 0, 0)).toBe(-22);
    }
    for (const address of [DATA, HEAP.end - 1, 0xff00_0000, 0xffff_ffff]) {
      expect(nexe.call("Read", PLACE, address, 1, 0)).toBe(1);
    }
    expect(new Uint8Array(memory.buffer)[0xffff_ffff - BASE]).toBe("0".charCodeAt(0));
  });

  test("of negative sizes, handles that there are not, and offsets", () => {
    expect(nexe.call("Writ", PLACE, 0x1_0000, -1, 0)).toBe(-14);
    expect(nexe.call("Read", PLACE, DATA, -1, 0)).toBe(-14);
    for (const handle of [-1, 0xffff, 4]) expect(nexe.call("Read", handle, DATA, 1, 0)).toBe(-22);
    expect(nexe.call("Read", PLACE, DATA, 1, -1)).toBe(-22);
    expect(nexe.call("Read", PLACE, DATA, 1, 11)).toBe(-14);
    expect(nexe.call("Read", PLACE, DATA, 20, 8)).toBe(2);
    // Only the low half of handle and size counts.
    expect(nexe.call("Read", 2n ** 32n + BigInt(PLACE), DATA, 2n ** 32n + 1n, 0)).toBe(1);
  });
});

describe("calls", () => {
  test("exit with a signed number, and nothing is called afterwards", () => {
    expect(() => nexe.call("Exit", 0xffff_fffb)).toThrow("exit -5");
    expect(() => nexe.call("Read", PLACE, DATA, 1, 0)).toThrow("exit -5");
  });

  test("fork is nothing where nobody prepares", () => {
    expect(nexe.call("Fork")).toBe(0);
  });

  test("of another number are refused, all 64 bits of it", () => {
    new DataView(memory.buffer).setBigUint64(BLOCK - BASE, 0x1_6461_6552n, true);
    expect(nexe.at(BLOCK)).toBe(-1n);
  });

  test.each([0, 0xfff8, HEAP.end, 0xffff_fffc])(
    "whose words are at %s end the session",
    (block) => {
      const ends = () => nexe.at(block);
      const hex = block.toString(16).padStart(8, "0");
      expect(ends).toThrow(new TrapAbort(`uaddr 0x${hex}, addr space 32 bits`, 14));
      expect(nexe.guest.zrt.ending.error).toBeInstanceOf(TrapAbort);
    },
  );

  test("are in the trace with their words, a changed one changes it", () => {
    const hashOf = (size: number): string => {
      const traced = new NexeGuest([FILE]);
      traced.call("Read", PLACE, DATA, size, 0);
      return traced.guest.trace.finish([]);
    };
    expect(hashOf(1)).toBe(hashOf(1));
    expect(hashOf(1)).not.toBe(hashOf(2));
  });
});

describe("code that the program makes", () => {
  const asked: [string, number, number][] = [];
  const maker: CodeMaker = {
    place: (address) => (address === 0xf000_0020 ? 77 : undefined),
    jail: (start, size) => {
      asked.push(["jail", start, size]);
      return size !== 64;
    },
    unjail: (start, size) => {
      asked.push(["unjail", start, size]);
    },
  };

  beforeEach(() => {
    asked.length = 0;
    nexe = new NexeGuest([FILE], maker);
  });

  test("is judged, cannot be written while it is code, and is data again", () => {
    expect(nexe.call("Jail", 0x5_0000, 0x1_0000)).toBe(0);
    expect(nexe.call("Read", PLACE, 0x5_8000, 1, 0)).toBe(-22);
    expect(nexe.call("Writ", PLACE, 0x5_8000, 1, 0)).toBe(1);
    expect(nexe.call("Read", PLACE, 0x4_ffff, 1, 0)).toBe(1);
    expect(nexe.call("Unjl", 0x5_0000, 0x1_0000)).toBe(0);
    expect(nexe.call("Read", PLACE, 0x5_8000, 1, 0)).toBe(1);
    expect(nexe.call("Jail", 0x5_0000, 64)).toBe(-1);
    expect(nexe.call("Read", PLACE, 0x5_0000, 1, 0)).toBe(1);
    expect(asked).toEqual([
      ["jail", 0x5_0000, 0x1_0000],
      ["unjail", 0x5_0000, 0x1_0000],
      ["jail", 0x5_0000, 64],
    ]);
  });

  test("is data where it is judged again and refused", () => {
    expect(nexe.call("Jail", 0x5_0000, 0x1_0000)).toBe(0);
    expect(nexe.call("Jail", 0x5_0000, 64)).toBe(-1);
    expect(nexe.call("Read", PLACE, 0x5_0000, 9, 0)).toBe(9);
    expect(nexe.call("Read", PLACE, 0x5_0040, 1, 0)).toBe(-22);
  });

  test("is found where a jump goes to it, and else the program faults", () => {
    expect(nexe.unknown(0xf000_0020 | 0)).toBe(77);
    expect(() => nexe.unknown(0x5_0000)).toThrow(NexeFault);
    expect(() => new NexeGuest([FILE]).unknown(0xf000_0020)).toThrow(NexeFault);
  });

  test("lies whole in data and heap, from the start of a page on", () => {
    const outside: readonly [number, number][] = [
      [0x5_0000, 0],
      [0x5_0000, -32],
      [0x5_0001, 32],
      [0x2_0000, 32],
      [0, 32],
      [HEAP.end, 32],
      [HEAP.end - 0x1_0000, 0x1_0001],
      [0xff00_0000, 32],
      [0x5_0000, 0x7fff_ffff],
    ];
    for (const [start, size] of outside) {
      expect(nexe.call("Jail", start, size)).toBe(-22);
      expect(nexe.call("Unjl", start, size)).toBe(-22);
    }
    expect(asked).toEqual([]);
  });

  test("is refused where nobody can translate it", () => {
    const bare = new NexeGuest([FILE]);
    expect(bare.call("Jail", 0x5_0000, 32)).toBe(-1);
    expect(bare.call("Unjl", 0x5_0000, 32)).toBe(0);
  });
});

describe("the extension trap", () => {
  const ENVIRONMENT = { args: ["prog", "", "two words"], env: [["A", "1=2"]] } as const;
  const CALL = { open: 10, read: 12, fstat: 17, arguments: 2048, environment: 2049 };

  beforeEach(() => {
    nexe = new NexeGuest([FILE], undefined, ENVIRONMENT);
  });

  function put(address: number, text: string): void {
    new Uint8Array(memory.buffer).set(Buffer.from(text, "latin1"), address - BASE);
  }

  function textAt(address: number, size: number): string {
    return Buffer.from(memory.buffer, address - BASE, size).toString("latin1");
  }

  test("makes system calls by their numbers, with words of which the low half counts", () => {
    put(DATA, "/dev/file\0");
    const fd = nexe.call("ZRT ", CALL.open, DATA, 0, 0, 0, 0, 0);
    expect(fd).toBe(4);
    const high = 2n ** 32n;
    expect(nexe.call("ZRT ", high + 12n, high + 4n, high + BigInt(DATA), 4, 0, 0, 0)).toBe(4);
    expect(textAt(DATA, 5)).toBe("0123/");
  });

  test("answers errors below zero, also for memory that the program may not use", () => {
    expect(nexe.call("ZRT ", CALL.open, MANIFEST.start - 1, 0, 0, 0, 0, 0)).toBe(-14);
    expect(nexe.call("ZRT ", CALL.fstat, 0, 0x2_0000, 0, 0, 0, 0)).toBe(-14);
    expect(nexe.call("ZRT ", CALL.fstat, 99, DATA, 0, 0, 0, 0)).toBe(-9);
    for (const number of [0, -1, 3, 2047, 9999]) {
      expect(nexe.call("ZRT ", number, 0, 0, 0, 0, 0, 0)).toBe(-38);
    }
    expect(nexe.guest.zrt.ending.isSet).toBe(false);
  });

  test("gives arguments and environment where there is room for all of them", () => {
    put(DATA, "????????????????");
    expect(nexe.call("ZRT ", CALL.arguments, 0, 0, 0, 0, 0, 0)).toBe(16);
    expect(nexe.call("ZRT ", CALL.arguments, DATA, 15, 0, 0, 0, 0)).toBe(16);
    expect(textAt(DATA, 16)).toBe("????????????????");
    expect(nexe.call("ZRT ", CALL.arguments, DATA, 16, 0, 0, 0, 0)).toBe(16);
    expect(textAt(DATA, 16)).toBe("prog\0\0two words\0");
    expect(nexe.call("ZRT ", CALL.environment, DATA, 99, 0, 0, 0, 0)).toBe(6);
    expect(textAt(DATA, 7)).toBe("A=1=2\0t");
    expect(nexe.call("ZRT ", CALL.arguments, 0x2_0000, 16, 0, 0, 0, 0)).toBe(-14);
  });

  test("changes open files, modes and the working directory", () => {
    put(DATA, "/tmp/f\0/tmp\0");
    const [folder, size] = [DATA + 7, DATA + 32];
    expect(nexe.call("ZRT ", 2051, 0o1027, 0, 0, 0, 0, 0)).toBe(0);
    expect(nexe.call("ZRT ", 2051, 0o027, 0, 0, 0, 0, 0)).toBe(0o027);
    const fd = nexe.call("ZRT ", CALL.open, DATA, 0o102, 0o777, 0, 0, 0);
    new DataView(memory.buffer).setBigInt64(size - BASE, 5n, true);
    expect(nexe.call("ZRT ", 2050, fd, size, 0, 0, 0, 0)).toBe(0);
    expect(nexe.call("ZRT ", CALL.fstat, fd, DATA + 64, 0, 0, 0, 0)).toBe(0);
    const view = new DataView(memory.buffer, DATA + 64 - BASE);
    expect([view.getUint32(16, true), view.getBigInt64(40, true)]).toEqual([0o100750, 5n]);
    expect(nexe.call("ZRT ", 2052, fd, 0o7, 0, 0, 0, 0)).toBe(0);
    expect(nexe.call("ZRT ", CALL.fstat, fd, DATA + 64, 0, 0, 0, 0)).toBe(0);
    expect(view.getUint32(16, true)).toBe(0o100007);
    expect(nexe.call("ZRT ", 2053, fd, 0, 0, 0, 0, 0)).toBe(-20);
    expect(nexe.call("ZRT ", 2054, fd, 0, 0, 0, 0, 0)).toBe(2);
    expect(nexe.call("ZRT ", 2055, fd, 0o6001, 0, 0, 0, 0)).toBe(0);
    expect(nexe.call("ZRT ", 2054, fd, 0, 0, 0, 0, 0)).toBe(0o6002);
    expect(nexe.call("ZRT ", 2054, 1, 0, 0, 0, 0, 0)).toBe(1);
    expect(nexe.call("ZRT ", 2055, 99, 0, 0, 0, 0, 0)).toBe(-9);
    const directory = nexe.call("ZRT ", CALL.open, folder, 0, 0, 0, 0, 0);
    expect(nexe.call("ZRT ", 2053, directory, 0, 0, 0, 0, 0)).toBe(0);
    expect(nexe.call("ZRT ", 48, DATA, 9, 0, 0, 0, 0)).toBe(0);
    expect(textAt(DATA, 5)).toBe("/tmp\0");
    new DataView(memory.buffer).setBigInt64(size - BASE, -1n, true);
    expect(nexe.call("ZRT ", 2050, fd, size, 0, 0, 0, 0)).toBe(-22);
  });

  test("is in the trace as the system call that it makes", () => {
    const hashOf = (number: number, word: number): string => {
      const traced = new NexeGuest([FILE]);
      traced.call("ZRT ", number, word, DATA, 0, 0, 0, 0);
      return traced.guest.trace.finish([]);
    };
    expect(hashOf(CALL.fstat, 0)).toBe(hashOf(CALL.fstat, 0));
    expect(hashOf(CALL.fstat, 98)).not.toBe(hashOf(CALL.fstat, 99));
    expect(hashOf(CALL.read, 99)).not.toBe(hashOf(CALL.fstat, 99));
  });

  test("has all of its nine words where the program may read", () => {
    const view = new DataView(memory.buffer);
    const block = 2 ** 32 - 64;
    view.setBigUint64(block - BASE, 0x2054_525an, true);
    const hex = block.toString(16);
    expect(() => nexe.at(block)).toThrow(new TrapAbort(`uaddr 0x${hex}, addr space 32 bits`, 14));
    view.setBigUint64(block - 8 - BASE, 0x2054_525an, true);
    expect(new NexeGuest().at(block - 8)).toBe(-38n);
  });
});
