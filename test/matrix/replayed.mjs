/** A session in two tiers of the engine, and its record without what it was given. */
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { replay, run } from "../../dist/index.js";
import { printTwice } from "../support/matrix-session.mjs";

const SCRIPT = `
import math, os, sys
print(sum(math.sin(n) / 3 for n in range(20000)), os.urandom(4).hex())
print(len(sys.stdin.read()), open("/dev/numbers").read())
`;

await printTwice(async (folder) => {
  const [numbers, record] = [join(folder, "numbers"), join(folder, "record")];
  writeFileSync(numbers, "1 2 3");
  const stdin = { text: "typed\n".repeat(20_000) };
  const session = { program: "python", args: ["-c", SCRIPT], read: [{ path: numbers }], stdin };
  const twice = await run({ ...session, verify: true });
  const once = await run({ ...session, record });
  rmSync(numbers);
  const again = await replay({ path: record });
  for (const { report } of [twice, { report: again }]) {
    if (report.verified?.agrees !== true) throw new Error(report.verified?.difference);
  }
  const hashes = [twice.report, once.report, again].map(({ traceHash }) => traceHash);
  if (new Set(hashes).size !== 1) throw new Error(`The traces differ: ${hashes.join(" ")}`);
  return { hash: hashes[0], stdout: new TextDecoder().decode(once.stdout) };
});
