import { closeSync, openSync } from "node:fs";
import { devNull } from "node:os";
import { expect, test } from "vitest";
import { fullOrder } from "../../../test/support/orders.ts";
import { openDescriptors, openedSince } from "../../../test/support/sessions.ts";
import { renumbered } from "../cell/index.ts";
import { NO_CHANNELS } from "./again.ts";
import { Handovers } from "./handovers.ts";
import { Repeatable } from "./repeatable.ts";

const CLOSED_FD = 2 ** 20;

// Descriptors are listed by /proc.
test.runIf(process.platform === "linux")(
  "a preparation that cannot be kept leaves no descriptors open",
  () => {
    const open = openSync(devNull, "r");
    const handovers = new Handovers();
    let count = 0;
    const order = renumbered(fullOrder(), () => {
      count += 1;
      return handovers.give(count === 1 ? open : CLOSED_FD);
    });
    const common = { signal: undefined, pool: undefined, cell: undefined };
    const talk = { order, handovers, opener: NO_CHANNELS, isolation: "full", ...common } as const;
    try {
      const before = openDescriptors();
      expect(() => new Repeatable(talk)).toThrow("ENOENT");
      expect(count).toBeGreaterThan(1);
      expect(openedSince(before)).toEqual([]);
    } finally {
      closeSync(open);
    }
  },
);
