import { openSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { runNexe } from "../../../test/support/nexe-session.ts";
import { childProcesses } from "../../../test/support/sessions.ts";
import { temporaryFolders } from "../../../test/support/temporary-folder.ts";
import { LOCATING_MS_MIN } from "../cell/index.ts";

const newFolder = temporaryFolders();
const standIn = vi.hoisted(() => ({ script: "", delays: [] as number[] }));

vi.mock("../program/index.ts", async (original) => ({
  ...(await original<typeof import("../program/index.ts")>()),
  openTranslator: () => ({
    fd: openSync(standIn.script, "r"),
    sizeBytes: FOREVER.length,
  }),
}));

vi.mock("./timer.ts", async (original) => {
  const timer = await original<typeof import("./timer.ts")>();
  const armTimer: typeof timer.armTimer = (delayMs, action) => {
    standIn.delays.push(delayMs);
    return timer.armTimer(delayMs, action);
  };
  return { ...timer, armTimer };
});

/** A translator that never finds where a program faulted. */
const FOREVER = "exports.openFurther = () => ({ locateIn() { for (;;); } });";
/** Reads the null page. */
const FAULTING = `.text
  .globl _start
  .p2align 5
  _start: xorl %eax, %eax
  movl %eax, %eax
  movl (%r15,%rax), %ecx
  hlt`;
const SECONDS = 2;
const CLOSING_MS = 1000;

beforeEach(() => {
  standIn.script = join(newFolder(), "translator.cjs");
  standIn.delays = [];
  writeFileSync(standIn.script, FOREVER);
});

afterEach(async () => {
  await expect.poll(childProcesses, { timeout: 10_000 }).toEqual([]);
});

// Nobody watches such a small guest in the process of its host, and a cell is watched.
test.each([{ isolation: "none" }, {}])(
  "the search for a fault ends with the time of the session, %o",
  async (way) => {
    const fields = { timeoutSeconds: SECONDS };
    const { report } = await runNexe(newFolder(), FAULTING, fields, way);
    expect(report.outcome).toMatchObject({ kind: "faulted", fault: "memory-bounds" });
    expect(report.outcome).not.toHaveProperty("address");
  },
  30_000,
);

// Cells need Linux.
test.runIf(process.platform === "linux")(
  "the cell of a nexe has time to search and to close before it is killed",
  async () => {
    await runNexe(newFolder(), FAULTING, { timeoutSeconds: SECONDS });
    const mostMs = Math.min(...standIn.delays);
    expect(mostMs).toBeGreaterThan(SECONDS * 1000 + LOCATING_MS_MIN + CLOSING_MS);
  },
  30_000,
);
