import { closeSync, openSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { exitingGuest } from "../../../../test/support/guests.ts";
import { moduleOf } from "../../../../test/support/wat.ts";
import { FIRST_CELL_FD } from "../order/order.ts";
import type { Ahead } from "./compiled.ts";
import { threadGuard } from "./guarded.ts";
import { makeInstance } from "./made-instance.ts";
import { runOrder } from "./run-order.ts";
import { warmOrder } from "./warm-up.ts";

function madeOf(bytes: Uint8Array, isNexe = false): ReturnType<typeof makeInstance> {
  return makeInstance(new WebAssembly.Module(bytes), bytes, isNexe);
}

/** Runs what was made ahead, with all channels at the null device. */
function ranWith(ahead: Ahead): ReturnType<typeof runOrder> {
  const fd = openSync("/dev/null", "r+");
  try {
    const { channels, ...order } = warmOrder(0);
    const sources = [{ kind: "stream", fd, interactive: false, writeBehind: false, waits: false }];
    return runOrder(
      {
        ...order,
        program: { fd: FIRST_CELL_FD, sizeBytes: 0, compiled: true },
        channels: channels.map((channel) => ({ ...channel, sources }) as typeof channel),
      },
      { guard: threadGuard(), onStart: () => undefined, ahead },
    );
  } finally {
    closeSync(fd);
  }
}

describe("an instance before its session", () => {
  test("is made of a module that runs nothing on its own", () => {
    const made = madeOf(exitingGuest(0));
    expect(made?.wasi).toBeDefined();
    expect(made?.instance.exports["_start"]).toBeTypeOf("function");
    const nexe = moduleOf(`(module (import "nacl" "trap" (func (param i32) (result i64))))`);
    expect(madeOf(nexe, true)?.trap).toBeDefined();
  });

  test.each([
    ["has a start function", `(module (func $f) (start $f) (memory (export "memory") 1))`],
    ["writes outside of its memory", `(module (memory 1) (data (i32.const 65536) "x"))`],
    ["imports what there is not", `(module (import "other" "call" (func)))`],
  ])("is not made of one that %s", (_, text) => {
    expect(madeOf(moduleOf(text))).toBeUndefined();
  });

  test("makes no call before it has its world", () => {
    const made = madeOf(exitingGuest(0));
    const start = made?.instance.exports["_start"] as () => void;
    expect(start).toThrow("a guest makes no call before it has its world");
  });

  test("is the one that runs, once, where it is there", () => {
    const module = new WebAssembly.Module(exitingGuest(8));
    const made = madeOf(exitingGuest(7));
    const outcomes = [ranWith({ module, ...(made && { made }) }), ranWith({ module })];
    expect(outcomes.map(({ outcome }) => outcome)).toEqual([
      { kind: "exited", code: 7 },
      { kind: "exited", code: 8 },
    ]);
  });
});
