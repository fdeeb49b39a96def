import { describe, expect, test } from "vitest";
import { hex, RESULT, TestGuest, u32, u64 } from "../../../test/support/guest-harness.ts";
import { GuestExit } from "./process.ts";

describe("arguments and environment", () => {
  const guest = new TestGuest({
    args: ["prog", "", "a\xff"],
    env: [
      ["A", "1,2"],
      ["EMPTY", ""],
      ["A", "again"],
    ],
  });

  test.each(["args_sizes_get", "unstable.args_sizes_get"])("%s counts the NULs", (name) => {
    expect(
      guest.call(
        name,
        [0x10, 0x20],
        [
          [0x10, u32(3)],
          [0x20, u32(5 + 1 + 3)],
        ],
      ),
    ).toBe("SUCCESS");
  });

  test("args_get writes the strings one after the other", () => {
    const pointers = [...u32(0x200), ...u32(0x205), ...u32(0x206)];
    expect(
      guest.call(
        "args_get",
        [0x10, 0x200],
        [
          [0x10, pointers],
          [0x200, hex("70 72 6f 67 00 00 61 ff 00")],
        ],
      ),
    ).toBe("SUCCESS");
  });

  test("environ_get writes NAME=VALUE in the order given, repetitions included", () => {
    const text = Buffer.from("A=1,2\0EMPTY=\0A=again\0");
    expect(
      guest.call("environ_sizes_get", [0x40, 0x44], [[0x40, [...u32(3), ...u32(text.length)]]]),
    ).toBe("SUCCESS");
    expect(
      guest.call(
        "environ_get",
        [0x80, 0x300],
        [
          [0x80, [...u32(0x300), ...u32(0x306), ...u32(0x30d)]],
          [0x300, text],
        ],
      ),
    ).toBe("SUCCESS");
  });

  test("none at all write nothing, even at the end of memory", () => {
    const empty = new TestGuest();
    expect(empty.call("args_get", [0x10000, 0x10000])).toBe("SUCCESS");
    expect(
      empty.call(
        "environ_sizes_get",
        [0, 8],
        [
          [0, u32(0)],
          [8, u32(0)],
        ],
      ),
    ).toBe("SUCCESS");
  });
});

describe("clocks", () => {
  test.each([0, 1, 2, 3])("clock %i has a step of a microsecond and moves with each look", (id) => {
    const guest = new TestGuest({ clockSeconds: 1 });
    expect(guest.call("clock_res_get", [id, 8], [[8, u64(1000)]])).toBe("SUCCESS");
    expect(guest.call("clock_time_get", [id, 0n, 8], [[8, u64(1_000_000_000)]])).toBe("SUCCESS");
    expect(guest.call("clock_time_get", [id, 99n, 8], [[8, u64(1_000_001_000)]])).toBe("SUCCESS");
  });

  test.each([4, -1])("clock %i does not exist", (id) => {
    const guest = new TestGuest();
    expect(guest.call("clock_res_get", [id, 8])).toBe("INVAL");
    expect(guest.call("clock_time_get", [id, 0n, 8])).toBe("INVAL");
  });

  test("a look that cannot be told does not move the clock", () => {
    const guest = new TestGuest();
    expect(guest.call("clock_time_get", [0, 0n, 0xfff9])).toBe("FAULT");
    expect(guest.call("clock_time_get", [0, 0n, 8], [[8, u64(0)]])).toBe("SUCCESS");
  });
});

describe("random_get", () => {
  test("fills exactly what was asked for from the seed's stream", () => {
    const guest = new TestGuest({ seed: 0n });
    expect(guest.call("random_get", [0x10, 4], [[0x10, hex("76 b8 e0 ad")]])).toBe("SUCCESS");
    expect(guest.call("random_get", [0x10, 2], [[0x10, hex("a0 f1")]])).toBe("SUCCESS");
    expect(guest.call("random_get", [0x10000, 0])).toBe("SUCCESS");
  });

  test("can fill all of memory", () => {
    const guest = new TestGuest();
    expect(guest.unchecked("random_get", [0, 0x10000])).toBe("SUCCESS");
    expect(guest.bytes.every((byte) => byte === 0x3f)).toBe(false);
  });
});

describe("processes and sockets", () => {
  test.each([
    [0, 0],
    [7, 7],
    [-1, -1],
    [0xffffffff, -1],
    [256, 256],
  ])("proc_exit(%i) leaves with %i", (code, seen) => {
    const guest = new TestGuest();
    let left: unknown;
    try {
      guest.import("proc_exit")(code);
    } catch (error) {
      left = error;
    }
    expect(left).toBeInstanceOf(GuestExit);
    expect(left).toMatchObject({ code: seen });
  });

  test("there are no signals, and nobody to yield to", () => {
    const guest = new TestGuest();
    expect(guest.call("proc_raise", [9])).toBe("NOSYS");
    expect(guest.call("sched_yield")).toBe("SUCCESS");
  });

  test.each([
    ["sock_accept", [0, 0, RESULT]],
    ["sock_recv", [0, 0, 0, 0, RESULT, RESULT]],
    ["sock_send", [0, 0, 0, 0, RESULT]],
    ["sock_shutdown", [0, 3]],
  ])("%s finds no socket", (name, args) => {
    const guest = new TestGuest();
    expect(guest.call(name, args)).toBe("NOTSOCK");
    expect(guest.call(name, [99, ...args.slice(1)])).toBe("BADF");
  });

  test("a memory that grew is seen with its new size", () => {
    const guest = new TestGuest();
    expect(guest.call("random_get", [0x10000, 4])).toBe("FAULT");
    guest.memory.grow(1);
    expect(guest.unchecked("random_get", [0x10000, 4])).toBe("SUCCESS");
    expect(guest.u32(0x10000)).not.toBe(0);
  });
});
