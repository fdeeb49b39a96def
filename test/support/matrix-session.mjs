/** What the checks of the matrix have in common: a session, run twice, and what came of it. */
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "../../dist/index.js";

/**
 * Runs `session(folder)` in two fresh folders and prints its results as one line; throws when the
 * second run differs from the first one.
 */
export async function printTwice(session) {
  const first = JSON.stringify(await inFolder(session));
  const second = JSON.stringify(await inFolder(session));
  if (first !== second) throw new Error(`Two runs differ:\n${first}\n${second}`);
  console.log(first);
}

/** As `printTwice`, for what compares runs of its own. */
export async function printOnce(session) {
  console.log(JSON.stringify(await inFolder(session)));
}

async function inFolder(session) {
  const folder = mkdtempSync(join(tmpdir(), "matrix-check-"));
  try {
    return await session(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Runs one session through the library. @returns what must be the same everywhere */
export async function observe(options) {
  const { report, stdout, stderr } = await run(options);
  const { outcome, traceHash, memory, etags, fuel } = report;
  const linearBytes = memory.linearBytes;
  const seen = {
    outcome,
    stdout: text(stdout),
    stderr: text(stderr),
    traceHash,
    linearBytes,
    etags,
  };
  return fuel === undefined ? seen : { ...seen, fuel: String(fuel.used) };
}

export function sha256(bytes) {
  return createHash("sha256").update(bytes).digest("hex");
}

function text(bytes) {
  return new TextDecoder().decode(bytes);
}
