import { describe, expect, test } from "vitest";
import { RIGHTS, TestGuest, u16, u32, u64 } from "../../../test/support/guest-harness.ts";

const EVENTS = 0x4000;
const COUNT = 0x100;
const SECOND = 1_000_000_000n;

interface Clock {
  readonly id?: number;
  readonly timeout: bigint;
  readonly isAbsolute?: boolean;
}

type Face = "poll_oneoff" | "unstable.poll_oneoff";

/** A clock subscription: preview0 has 8 bytes of identifier before the clock. */
function clock(face: Face, userdata: number, { id = 0, timeout, isAbsolute }: Clock): number[] {
  const identifier = face === "poll_oneoff" ? [] : u64(0xffff);
  return padded(face, [
    ...u64(userdata),
    ...[0, 9, 9, 9, 9, 9, 9, 9],
    ...identifier,
    ...u32(id),
    ...u32(0),
    ...u64(timeout),
    ...u64(0),
    ...u16(isAbsolute === true ? 1 : 0),
  ]);
}

function descriptor(face: Face, userdata: number, tag: 1 | 2, fd: number): number[] {
  return padded(face, [...u64(userdata), tag, 9, 9, 9, 9, 9, 9, 9, ...u32(fd)]);
}

function padded(face: Face, bytes: number[]): number[] {
  const size = face === "poll_oneoff" ? 48 : 56;
  return [...bytes, ...new Array<number>(size - bytes.length).fill(7)];
}

function event(userdata: number, errno: number, tag: number, ready: number): number[] {
  const flags = [0, 0, 0, 0, 0, 0, 0, 0];
  return [...u64(userdata), ...u16(errno), tag, 0, 0, 0, 0, 0, ...u64(ready), ...flags];
}

function poll(guest: TestGuest, face: Face, subscriptions: number[][], events: number[][]): string {
  const [pointer] = guest.place(subscriptions.flat());
  const writes = [
    [EVENTS, events.flat()],
    [COUNT, u32(events.length)],
  ] as const;
  return guest.call(face, [pointer, EVENTS, subscriptions.length, COUNT], writes);
}

function now(guest: TestGuest): bigint {
  guest.unchecked("clock_time_get", [0, 0n, 0x200]);
  return guest.u64(0x200);
}

describe.each(["poll_oneoff", "unstable.poll_oneoff"] as const)("%s", (face) => {
  test("a relative timeout passes without waiting", () => {
    const guest = new TestGuest();
    const fired = event(5, 0, 0, 0);
    expect(poll(guest, face, [clock(face, 5, { timeout: 3600n * SECOND })], [fired])).toBe(
      "SUCCESS",
    );
    expect(now(guest)).toBe(3600n * SECOND);
  });

  test("an absolute one is a time; one that is past takes a microsecond", () => {
    const guest = new TestGuest({ clockSeconds: 10 });
    const at = (timeout: bigint): number[] => clock(face, 1, { timeout, isAbsolute: true });
    expect(poll(guest, face, [at(11n * SECOND)], [event(1, 0, 0, 0)])).toBe("SUCCESS");
    expect(now(guest)).toBe(11n * SECOND);
    expect(poll(guest, face, [at(2n)], [event(1, 0, 0, 0)])).toBe("SUCCESS");
    expect(now(guest)).toBe(11n * SECOND + 2000n);
  });

  test("of several clocks the first fires, and all that have come by then", () => {
    const guest = new TestGuest();
    const clocks = [
      clock(face, 1, { timeout: 9n * SECOND }),
      clock(face, 2, { timeout: 2n * SECOND, id: 1 }),
      clock(face, 3, { timeout: 2n * SECOND, isAbsolute: true, id: 3 }),
    ];
    expect(poll(guest, face, clocks, [event(2, 0, 0, 0), event(3, 0, 0, 0)])).toBe("SUCCESS");
    expect(now(guest)).toBe(2n * SECOND);
  });

  test("a time past the end of time fires at the end", () => {
    const guest = new TestGuest({ clockSeconds: 1 });
    const far = clock(face, 1, { timeout: 2n ** 64n - 1n });
    expect(poll(guest, face, [far], [event(1, 0, 0, 0)])).toBe("SUCCESS");
    expect(now(guest)).toBe(2n ** 64n - 1n);
  });

  test("descriptors are ready at once, and then no clock fires and no time passes", () => {
    const guest = new TestGuest({ stdin: "x" });
    const subscriptions = [
      clock(face, 1, { timeout: 5n }),
      descriptor(face, 2, 1, 0),
      descriptor(face, 3, 2, 1),
    ];
    const events = [event(2, 0, 1, 1), event(3, 0, 2, 1)];
    expect(poll(guest, face, subscriptions, events)).toBe("SUCCESS");
    expect(now(guest)).toBe(0n);
  });

  test("a regular file tells how much is left to read", () => {
    const guest = new TestGuest();
    guest.file("f", "abcdef");
    const fd = guest.opened("f", { rights: RIGHTS.BOTH });
    guest.read(fd, 2);
    expect(poll(guest, face, [descriptor(face, 1, 1, fd)], [event(1, 0, 1, 4)])).toBe("SUCCESS");
    guest.unchecked("fd_seek", [fd, 99n, 0, 0x200]);
    expect(poll(guest, face, [descriptor(face, 1, 1, fd)], [event(1, 0, 1, 0)])).toBe("SUCCESS");
    expect(poll(guest, face, [descriptor(face, 1, 2, fd)], [event(1, 0, 2, 1)])).toBe("SUCCESS");
  });

  test("a bad descriptor or clock is an event with its error", () => {
    const guest = new TestGuest();
    const subscriptions = [
      descriptor(face, 1, 1, 99),
      descriptor(face, 2, 2, -1),
      clock(face, 3, { timeout: 5n, id: 4 }),
    ];
    const events = [event(1, 8, 1, 0), event(2, 8, 2, 0), event(3, 28, 0, 0)];
    expect(poll(guest, face, subscriptions, events)).toBe("SUCCESS");
    expect(now(guest)).toBe(0n);
  });

  test("no subscription, an unknown tag, and too many are INVAL", () => {
    const guest = new TestGuest();
    expect(guest.call(face, [0, EVENTS, 0, COUNT])).toBe("INVAL");
    const unknown = padded(face, [...u64(1), 3]);
    const [pointer] = guest.place([...clock(face, 1, { timeout: 5n }), ...unknown]);
    expect(guest.call(face, [pointer, EVENTS, 2, COUNT])).toBe("INVAL");
    expect(now(guest)).toBe(0n);
    guest.memory.grow(60);
    expect(guest.call(face, [0, 0, 65_537, COUNT])).toBe("INVAL");
  });

  test("events may be written over the subscriptions", () => {
    const guest = new TestGuest();
    const [pointer] = guest.place([...descriptor(face, 1, 2, 1), ...descriptor(face, 2, 2, 2)]);
    expect(guest.unchecked(face, [pointer, pointer, 2, COUNT])).toBe("SUCCESS");
    expect([guest.u64(pointer), guest.u64(pointer + 32)]).toEqual([1n, 2n]);
  });
});
