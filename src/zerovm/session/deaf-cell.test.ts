import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { LOOPING_GUEST } from "../../../test/support/guests.ts";
import { childProcesses, manifestFor } from "../../../test/support/sessions.ts";
import { temporaryFolders } from "../../../test/support/temporary-folder.ts";
import type { CellRequest } from "../cell/index.ts";
import { runSession } from "./run-session.ts";

const newFolder = temporaryFolders();
const standIn = vi.hoisted(() => ({ program: "" }));

vi.mock("../cell/index.ts", async (original) => {
  const cell = await original<typeof import("../cell/index.ts")>();
  const startCell = (request: CellRequest) =>
    cell.startCell({
      ...request,
      launch: { program: [standIn.program], hasNamespaces: false },
    });
  return { ...cell, startCell };
});

/**
 * Takes an order, says that its guest started only when it is told to end, and goes on all the
 * same.
 */
const DEAF = `
const fs = require("node:fs");
const say = (text) => fs.writeSync(3, Buffer.concat([Buffer.from([text.length, 0, 0, 0]), Buffer.from(text)]));
say('r{"walls":[]}');
const stop = new (require("node:net").Socket)({ fd: 5, readable: true, writable: false });
stop.on("data", () => say("s"));
const hasOrder = () => {
  try {
    return fs.readSync(3, Buffer.alloc(1)) === 1;
  } catch {
    return false;
  }
};
while (!hasOrder());
fs.writeFileSync(__dirname + "/ready", "");
setInterval(() => {}, 1000);
`;

test("an abort ends a cell that ignores it, and starts its guest only then", async () => {
  const folder = newFolder();
  standIn.program = join(folder, "cell.cjs");
  writeFileSync(standIn.program, DEAF);
  const control = new AbortController();
  // The start must not give the cell its whole time again.
  const manifest = manifestFor(folder, LOOPING_GUEST, { timeoutSeconds: 3600 });
  const session = runSession({ manifest, signal: control.signal });
  await expect.poll(() => existsSync(join(folder, "ready")), { timeout: 30_000 }).toBe(true);
  control.abort();
  const { outcome, exitStatus, warnings } = await session;
  expect([outcome.kind, exitStatus]).toEqual(["lost", 125]);
  expect(outcome).toMatchObject({ cause: "interrupted" });
  expect(warnings).toContain("The cell gave no account: channels and etags are unknown");
  await expect.poll(childProcesses).toEqual([]);
});
