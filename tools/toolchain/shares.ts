import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { Compared } from "./instructions.ts";

const COUNTS = /^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$/;

/**
 * Runs this suite once for each share, all at a time and each with the words of its own: a share
 * keeps one processor busy. Prints what they print, and counts together what they count.
 */
export async function runShares(shares: readonly (readonly string[])[]): Promise<Compared> {
  const all = await Promise.all(shares.map(runShare));
  const sum = (name: keyof Compared) => all.reduce((total, counts) => total + counts[name], 0);
  return { passed: sum("passed"), failed: sum("failed"), skipped: sum("skipped") };
}

async function runShare(words: readonly string[]): Promise<Compared> {
  const child = spawn(process.execPath, ["tools/run.mjs", "toolchain", ...words], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const closed = once(child, "close");
  let counts: Compared | undefined;
  for await (const line of createInterface({ input: child.stdout })) {
    const [, passed, failed, skipped] = COUNTS.exec(line) ?? [];
    if (passed === undefined) console.log(line);
    else counts = { passed: +passed, failed: Number(failed), skipped: Number(skipped ?? 0) };
  }
  const [status] = await closed;
  if (counts !== undefined && (counts.failed > 0 || status === 0)) return counts;
  // One that breaks off has not counted what it did not come to.
  console.log(`${words.join(" ")} ended with ${status}`);
  return { passed: counts?.passed ?? 0, failed: 1, skipped: counts?.skipped ?? 0 };
}
