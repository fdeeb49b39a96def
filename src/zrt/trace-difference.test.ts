import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Hash, memorySource } from "../base/index.ts";
import { Trace } from "./trace/index.ts";
import { traceDifference } from "./trace-difference.ts";

/** The bytes behind the trace hash of what `happens`. */
function traced(happens: (trace: Trace) => void): Uint8Array {
  const pieces: number[] = [];
  const hash: Hash = {
    update: (bytes) => {
      for (const byte of bytes) pieces.push(byte);
    },
    digestHex: () => "",
  };
  const trace = new Trace(hash);
  happens(trace);
  return Uint8Array.from(pieces);
}

function difference(first: (trace: Trace) => void, second: (trace: Trace) => void) {
  const whole = (happens: (trace: Trace) => void) => (trace: Trace) => {
    trace.call4(21, 0, 16, 1, 32);
    trace.dataIn(1024, 70_000);
    trace.wroteU32(32, 5);
    trace.result(0);
    happens(trace);
    trace.finish([]);
  };
  return traceDifference(memorySource(traced(whole(first))), memorySource(traced(whole(second))));
}

function opening(trace: Trace): void {
  trace.call(32);
  for (const value of [3, 0, -1, 4, 1]) trace.argument(value);
  trace.argument(2n ** 40n);
  trace.argument(0n);
  for (const value of [0, 12]) trace.argument(value);
}

describe("the first difference of two traces", () => {
  test("is none where they are equal", () => {
    expect(difference(opening, opening)).toBeUndefined();
  });

  test("is an errno, shown with its call", () => {
    const ended = (errno: number) => (trace: Trace) => {
      opening(trace);
      trace.result(errno);
    };
    expect(difference(ended(0), ended(44))).toBe(
      "call 2 path_open(3, 0, 4294967295, 4, 1, 1099511627776, 0, 0, 12): errno 0 against errno 44",
    );
  });

  test("is another call, or another argument", () => {
    const exit = (code: number) => (trace: Trace) => {
      trace.call(39);
      trace.argument(code);
    };
    expect(difference(exit(0), exit(3))).toBe("call 2: proc_exit(0) against proc_exit(3)");
    expect(difference(exit(0), (trace) => trace.call(41))).toBe(
      "call 2: proc_exit(0) against sched_yield()",
    );
  });

  test("is what was written to memory, or its size", () => {
    const random = (...bytes: number[]) => {
      return (trace: Trace) => {
        trace.call(42);
        trace.argument(64);
        trace.argument(bytes.length);
        trace.wrote(Uint8Array.from([...new Array(64).fill(0), ...bytes]), 64, bytes.length);
      };
    };
    expect(difference(random(1, 2, 3), random(1, 2, 4))).toBe(
      "call 2 random_get(64, 3): 3 bytes written at 64, from 2 on 03 against 3 bytes written at 64, from 2 on 04",
    );
    const got = (size: number) => (trace: Trace) => {
      trace.call4(21, 0, 16, 1, 32);
      trace.dataIn(1024, size);
    };
    expect(difference(got(5), got(0))).toBe(
      "call 2 fd_read(0, 16, 1, 32): 5 bytes in at 1024 against 0 bytes in at 1024",
    );
  });

  test("is the end of one of them", () => {
    const yields = (trace: Trace): void => trace.call(41);
    expect(difference(yields, () => undefined)).toBe("call 2: sched_yield() against its end");
    const ended = (trace: Trace): void => {
      yields(trace);
      trace.result(0);
    };
    expect(difference(yields, ended)).toBe("call 2 sched_yield(): its end against errno 0");
  });

  test("is what passed a channel", () => {
    const channels = (digest: string) => (trace: Trace) => {
      trace.finish([{ alias: "/dev/stdout", gets: 0, getBytes: 0, puts: 1, putBytes: 6, digest }]);
    };
    expect(difference(channels("ab"), channels("cd"))).toBe(
      "at the end /dev/stdout: 0 gets of 0 bytes, 1 puts of 6 bytes, digest ab against " +
        "/dev/stdout: 0 gets of 0 bytes, 1 puts of 6 bytes, digest cd",
    );
  });
});

test("traces that no cell of ours wrote are told apart all the same", () => {
  const start = fc.constant(traced((trace) => trace.finish([])));
  const bytes = fc.tuple(start, fc.uint8Array({ maxLength: 300 })).map(([header, more]) => {
    return Uint8Array.from([...header, ...more]);
  });
  const any = fc.oneof(bytes, fc.uint8Array({ maxLength: 40 }));
  fc.assert(
    fc.property(any, any, (first, second) => {
      const found = traceDifference(memorySource(first), memorySource(second));
      expect(found === undefined).toBe(Buffer.compare(first, second) === 0);
      expect(found ?? "").toMatch(/^\P{Cc}*$/u);
      expect((found ?? "").length).toBeLessThan(1000);
    }),
    { numRuns: 300 },
  );
});
