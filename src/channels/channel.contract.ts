import { describe, expect, it } from "vitest";
import type { Backend } from "./backend.ts";
import { Channel } from "./channel.ts";
import {
  type ChannelLimits,
  type ChannelShape,
  type ChannelType,
  isReadable,
  isWritable,
  sizeAtMount,
} from "./shape.ts";

/** Makes the source of one channel; what the source holds can be looked at after closing. */
export interface BackendMaker {
  make(bytes: Uint8Array, use: { readonly writable: boolean }): Backend;
  contents(): Uint8Array;
}

type Limits = readonly [gets: number, getBytes: number, puts: number, putBytes: number];

/** Call, size, offset, result: one line of a conformance list. */
export type Step = readonly [call: "R" | "W", size: number, offset: number, result: number];

export function limitsOf([gets, getBytes, puts, putBytes]: Limits): ChannelLimits {
  return {
    gets: BigInt(gets),
    getBytes: BigInt(getBytes),
    puts: BigInt(puts),
    putBytes: BigInt(putBytes),
  };
}

export function shapeOf(type: ChannelType, limits: Limits, alias = "/dev/test"): ChannelShape {
  return { alias, type, etag: false, limits: limitsOf(limits) };
}

/** A file like the one of the original's tests: 466 bytes, all neighbours different. */
export const SAMPLE = Uint8Array.from({ length: 466 }, (_, index) => (index * 7 + 1) & 255);

/** Compares without the cost of a printed difference of many thousand lines. */
export function expectBytes(actual: Uint8Array, expected: Uint8Array): void {
  expect(actual.length).toBe(expected.length);
  expect(actual.findIndex((byte, index) => byte !== expected[index])).toBe(-1);
}

const MEMORY_BYTES = 1024;
const BUFFER_AT = 100;
const MEMORY_FILL = 0x3f;

/** A channel with a guest memory around it that notices every byte that it should not touch. */
export class Guest {
  readonly channel: Channel;
  readonly memory = new Uint8Array(MEMORY_BYTES).fill(MEMORY_FILL);

  constructor(maker: BackendMaker, shape: ChannelShape, file: Uint8Array) {
    const writable = isWritable(shape.limits);
    const emptied = writable && !isReadable(shape.limits);
    const backend = maker.make(emptied ? new Uint8Array(0) : file, { writable });
    const sizeBytes = sizeAtMount(shape, backend.kind, file.length);
    this.channel = new Channel(shape, { backends: [backend], sizeBytes, hashName: "sha256" });
  }

  /** Reads, and checks that exactly the bytes of the result were changed. */
  read(size: number, offset: number): number {
    this.memory.fill(MEMORY_FILL);
    const result = this.channel.read(this.memory, BUFFER_AT, size, offset);
    const end = BUFFER_AT + Math.max(0, result);
    expect(this.memory.subarray(0, BUFFER_AT).every((byte) => byte === MEMORY_FILL)).toBe(true);
    expect(this.memory.subarray(end).every((byte) => byte === MEMORY_FILL)).toBe(true);
    return result;
  }

  write(bytes: Uint8Array, offset: number): number {
    this.memory.set(bytes, BUFFER_AT);
    return this.channel.write(this.memory, BUFFER_AT, bytes.length, offset);
  }

  /** What the last read gave. */
  got(size: number): number[] {
    return [...this.memory.subarray(BUFFER_AT, BUFFER_AT + size)];
  }

  run(steps: readonly Step[]): void {
    for (const [index, [call, size, offset, result]] of steps.entries()) {
      const given =
        call === "R"
          ? this.read(size, offset)
          : this.channel.write(this.memory, BUFFER_AT, size, offset);
      expect(given, `step ${index}: ${call}(${size}, ${offset})`).toBe(result);
    }
  }
}

interface Group {
  readonly name: string;
  readonly type: ChannelType;
  readonly limits: Limits;
  readonly file: Uint8Array;
  readonly guestSizeBytes: number;
  readonly steps: readonly Step[];
  readonly finalBytes?: number;
}

// Steps with the NULL pointer or read-only memory as buffer, and the buffer matrix of the last two
// groups, are decided before a channel is asked; they come with guests of the original kind.
// The list that copies through three nodes is in src/zerovm/session/network.test.ts.
const GROUPS: readonly Group[] = [
  {
    name: "seqro: a sequential file to read",
    type: 0,
    limits: [32, 32, 0, 0],
    file: SAMPLE,
    guestSizeBytes: 0,
    steps: [
      ["R", 0, 0, 0],
      ["R", 0, 1, 0],
      ["R", 1, 0, 1],
      ["R", 1, -1, 1],
      ["R", 0, -1, 0],
      ["R", -1, 0, -14],
      ["R", 1, -1, 1],
      ["R", 1, 0, 1],
      ["W", 0, 0, 0],
      ["W", 1, 0, -122],
      ["W", 1, 1, -122],
      ["W", 1, -1, -122],
      ["R", 30, 0, 28],
      ["R", 10, 0, -122],
    ],
  },
  {
    name: "ranro: a random file to read",
    type: 1,
    limits: [32, 32, 0, 0],
    file: SAMPLE,
    guestSizeBytes: 466,
    steps: [
      ["R", 0, 0, 0],
      ["R", 0, 1, 0],
      ["R", 1, 0, 1],
      ["R", 1, 465, 1],
      ["R", 0, -1, 0],
      ["R", -1, 0, -14],
      ["R", 1, -1, -22],
      ["R", 1, 466, 0],
      ["R", 1, 467, -14],
      ["R", 0, 467, -14],
      ["W", 0, 0, 0],
      ["W", 1, 0, -122],
      ["W", 1, 466, -122],
      ["W", 1, 465, -122],
      ["R", 31, 0, 30],
      ["R", 10, 0, -122],
      ["R", 10, 466, 0],
    ],
  },
  {
    name: "ranwo: a random file to write",
    type: 2,
    limits: [0, 0, 32, 32],
    file: SAMPLE,
    guestSizeBytes: 0,
    steps: [
      ["W", 0, 0, 0],
      ["W", 0, 33, 0],
      ["W", 1, 0, 1],
      ["W", 1, 31, 1],
      ["W", 0, -1, 0],
      ["W", -1, 0, -14],
      ["W", 1, -1, -22],
      ["W", 1, 32, -22],
      ["R", 0, 0, 0],
      ["R", 1, 0, -122],
      ["R", 1, 31, -122],
      ["W", 31, 0, 30],
      ["W", 10, 0, -122],
    ],
    finalBytes: 32,
  },
  {
    name: "ranwo with type 3",
    type: 3,
    limits: [0, 0, 32, 32],
    file: SAMPLE,
    guestSizeBytes: 0,
    steps: [
      ["R", 1, 0, 0],
      ["W", 1, 0, 1],
      ["W", 1, 31, 1],
      ["W", 1, -1, -22],
      ["W", 1, 32, -22],
      ["R", 0, 0, 0],
      ["R", 1, 0, -122],
      ["W", 31, 0, 30],
      ["W", 10, 0, -122],
    ],
    finalBytes: 32,
  },
  {
    name: "seqwo: a sequential file to write",
    type: 1,
    limits: [0, 0, 32, 32],
    file: SAMPLE,
    guestSizeBytes: 0,
    steps: [
      ["W", 0, 0, 0],
      ["W", 0, 33, 0],
      ["W", 1, 0, 1],
      ["W", 1, 31, 1],
      ["W", 0, -1, 0],
      ["W", -1, 0, -14],
      ["W", 1, -1, 1],
      ["W", 1, 32, 1],
      ["R", 0, 0, 0],
      ["R", 1, 0, -122],
      ["R", 1, 32, -14],
      ["W", 30, 0, 28],
      ["W", 10, 0, -22],
    ],
    finalBytes: 32,
  },
  {
    name: "cdr: the scapegoat",
    type: 1,
    limits: [512, 8192, 16, 16],
    file: new Uint8Array(0),
    guestSizeBytes: 0,
    steps: [
      ["W", 0, 0, 0],
      ["W", -1, 0, -14],
      ["W", 0, -1, 0],
      ["W", 1, -1, 1],
      ["W", 0, 17, 0],
      ["W", 1, 17, 1],
      ["R", 0, 0, 0],
      ["R", -1, 0, -14],
      ["R", -1, 17, -14],
      ["R", 0, -1, 0],
      ["R", 1, -1, -22],
      ["R", 0, 17, -14],
      ["R", 1, 17, -14],
    ],
    finalBytes: 2,
  },
  {
    name: "ranrw: a random file to read and write",
    type: 3,
    limits: [512, 8192, 16, 16],
    file: new Uint8Array(0),
    guestSizeBytes: 0,
    steps: [
      ["W", 0, 0, 0],
      ["W", -1, 0, -14],
      ["W", 0, -1, 0],
      ["W", 1, -1, -22],
      ["W", 0, 17, 0],
      ["W", 1, 17, -22],
      ["R", 0, 0, 0],
      ["R", -1, 0, -14],
      ["R", 0, -1, 0],
      ["R", 1, -1, -22],
      ["R", 0, 17, -14],
      ["R", 1, 17, -14],
    ],
    finalBytes: 0,
  },
  {
    name: "ranrw on a file with contents",
    type: 3,
    limits: [512, 8192, 16, 35],
    file: SAMPLE,
    guestSizeBytes: 466,
    steps: [
      ["W", 30, 0, 30],
      ["W", 1, 470, 1],
      ["W", 1, 471, 1],
      ["W", 30, 0, 3],
      ["W", 30, 0, -122],
      ["W", 1, 600, -22],
    ],
    finalBytes: 472,
  },
  {
    name: "a random writer whose last write begins below its limit",
    type: 3,
    limits: [0, 0, 32, 32],
    file: new Uint8Array(0),
    guestSizeBytes: 0,
    steps: [
      ["W", 4, 0, 4],
      ["W", 20, 31, 20],
    ],
    finalBytes: 51,
  },
  {
    name: "calls and bytes that run out on a sequential writer",
    type: 0,
    limits: [0, 0, 2, 10],
    file: new Uint8Array(0),
    guestSizeBytes: 0,
    steps: [
      ["W", 4, 0, 4],
      ["W", 20, 0, 6],
      ["W", 1, 0, -122],
    ],
    finalBytes: 10,
  },
  {
    name: "a random read far behind the end is no end of file",
    type: 1,
    limits: [32, 32, 0, 0],
    file: SAMPLE,
    guestSizeBytes: 466,
    steps: [
      ["R", 1, 466 + 2 ** 32, -14],
      ["R", 1, 466 + 2 ** 52, -14],
      ["R", 1, -(2 ** 52), -22],
    ],
  },
];

/** Five appends of the original's list, and the bytes it wrote. */
const APPENDS = [5, 3, 9, 3, 15];

function appendAll(guest: Guest): void {
  for (const [index, size] of APPENDS.entries()) {
    const bytes = Uint8Array.from({ length: size }, (_, at) => 200 + index * 5 - at);
    expect(guest.write(bytes, 0)).toBe(size);
    const end = guest.channel.sizeBytes;
    expect(guest.read(size, 0)).toBe(size);
    expect(guest.got(size)).not.toEqual([...bytes]);
    expect(guest.read(size, end)).toBe(0);
    expect(guest.read(size, end - size)).toBe(size);
    expect(guest.got(size)).toEqual([...bytes]);
  }
}

/** The rules of channels on files, for every backend that is a file. */
export function describeFileChannels(name: string, newMaker: () => BackendMaker): void {
  describe(`channels over ${name}`, () => {
    it.each(GROUPS)("$name", ({ type, limits, file, guestSizeBytes, steps, finalBytes }) => {
      const maker = newMaker();
      const guest = new Guest(maker, shapeOf(type, limits), file);
      expect(guest.channel.guestSizeBytes).toBe(guestSizeBytes);
      guest.run(steps);
      guest.channel.close();
      if (finalBytes !== undefined) expect(maker.contents().length).toBe(finalBytes);
      else expect(maker.contents()).toEqual(file);
    });

    it("cdr 1: an empty file grows by appending, until its bytes are used up", () => {
      const maker = newMaker();
      const guest = new Guest(maker, shapeOf(1, [512, 8192, 16, 36]), new Uint8Array(0));
      expect(guest.write(Uint8Array.of(0), 0)).toBe(1);
      appendAll(guest);
      expect(guest.write(new Uint8Array(22), 0)).toBe(-22);
      guest.channel.close();
      expect(maker.contents().length).toBe(36);
    });

    it("cdr 2: appending begins behind what the file holds", () => {
      const maker = newMaker();
      const guest = new Guest(maker, shapeOf(1, [512, 8192, 16, 35]), SAMPLE);
      expect(guest.channel.putPosition).toBe(466);
      appendAll(guest);
      expect(guest.write(Uint8Array.of(1), 0)).toBe(-22);
      guest.channel.close();
      expect(maker.contents().length).toBe(501);
      expect(maker.contents().subarray(0, 466)).toEqual(SAMPLE);
    });

    it.each<{ limits: Limits; reads: readonly Step[]; gets: number }>([
      {
        limits: [100, 11, 0, 0],
        reads: [
          ["R", 10, 0, 10],
          ["R", 10, 0, 0],
          ["R", 10, 0, 0],
        ],
        gets: 2,
      },
      {
        limits: [100, 10, 0, 0],
        reads: [
          ["R", 10, 0, 10],
          ["R", 10, 0, -122],
          ["R", 10, 0, -122],
        ],
        gets: 1,
      },
      {
        limits: [1, 1000, 0, 0],
        reads: [
          ["R", 10, 0, 10],
          ["R", 10, 0, -122],
        ],
        gets: 1,
      },
      {
        limits: [2, 1000, 0, 0],
        reads: [
          ["R", 100, 0, 10],
          ["R", 10, 0, 0],
          ["R", 10, 0, 0],
          ["R", 10, 0, 0],
        ],
        gets: 1,
      },
    ])("the end of ten bytes under limits $limits", ({ limits, reads, gets }) => {
      const guest = new Guest(newMaker(), shapeOf(0, limits), SAMPLE.subarray(0, 10));
      guest.run(reads);
      expect(guest.channel.report().gets).toBe(gets);
    });

    it("reads deliver the bytes of the file, in sequence and at random", () => {
      const sequential = new Guest(newMaker(), shapeOf(0, [99, 999, 0, 0]), SAMPLE);
      const whole: number[] = [];
      for (const size of [1, 96, 97, 200, 100])
        whole.push(...sequential.got(sequential.read(size, 0)));
      expect(whole).toEqual([...SAMPLE]);
      const random = new Guest(newMaker(), shapeOf(1, [99, 999, 0, 0]), SAMPLE);
      expect(random.got(random.read(7, 300))).toEqual([...SAMPLE.subarray(300, 307)]);
      expect(random.got(random.read(7, 2))).toEqual([...SAMPLE.subarray(2, 9)]);
    });

    it("holes of a random writer are zeros", () => {
      const maker = newMaker();
      const guest = new Guest(maker, shapeOf(3, [9, 99, 9, 99]), new Uint8Array(0));
      expect(guest.write(Uint8Array.of(7), 5)).toBe(1);
      expect(guest.read(9, 0)).toBe(6);
      expect(guest.got(6)).toEqual([0, 0, 0, 0, 0, 7]);
      guest.channel.close();
      expect([...maker.contents()]).toEqual([0, 0, 0, 0, 0, 7]);
    });

    it("cutting and growing a file", () => {
      const maker = newMaker();
      const guest = new Guest(maker, shapeOf(3, [99, 999, 5, 30]), SAMPLE);
      const { channel } = guest;
      expect(channel.truncate(-1)).toBe(-22);
      expect(guest.write(Uint8Array.of(9, 9), 470)).toBe(2);
      expect(channel.highestWritten).toBe(472);
      expect(channel.truncate(4)).toBe(0);
      expect([channel.sizeBytes, channel.highestWritten]).toEqual([4, 4]);
      expect(guest.read(10, 0)).toBe(4);
      expect(channel.truncate(33)).toBe(-27);
      expect(channel.truncate(32)).toBe(0);
      expect(guest.read(50, 0)).toBe(32);
      expect(guest.got(32)).toEqual([...SAMPLE.subarray(0, 4), ...new Array(28).fill(0)]);
      expect(channel.truncate(0)).toBe(0);
      expect(channel.truncate(0)).toBe(0);
      expect(channel.truncate(0)).toBe(-122);
      expect(channel.close()).toMatchObject({ puts: 5, putBytes: 2, hostWrites: 1 });
      expect(channel.report().hit).toEqual(["puts", "put-bytes"]);
      expect(maker.contents().length).toBe(0);
    });

    it("a file that is appended to goes on behind its new end after a cut", () => {
      const maker = newMaker();
      const guest = new Guest(maker, shapeOf(1, [99, 999, 9, 99]), SAMPLE);
      expect(guest.channel.truncate(2)).toBe(0);
      expect(guest.write(Uint8Array.of(77), 0)).toBe(1);
      guest.channel.close();
      expect([...maker.contents()]).toEqual([...SAMPLE.subarray(0, 2), 77]);
    });

    it("a channel that cannot be written cannot be cut", () => {
      const maker = newMaker();
      const guest = new Guest(maker, shapeOf(3, [99, 999, 0, 0]), SAMPLE);
      expect(guest.channel.truncate(0)).toBe(-22);
      guest.channel.close();
      expect(maker.contents().length).toBe(466);
    });
  });
}
