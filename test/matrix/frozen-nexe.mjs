/**
 * Native Client programs are frozen at their point, and their images run: the bytes of each image,
 * and what a session of it does in every tier, are the same wherever it was made. One of them comes
 * to code that is translated later.
 */
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { freeze } from "../../dist/index.js";
import { assembledNexe, COPYING, LATER } from "../support/matrix-nexe.mjs";
import { observe, printOnce, sha256 } from "../support/matrix-session.mjs";

const PROGRAMS = { copying: COPYING, later: LATER };
const COMMON = { seed: 5n, clock: 1000, memoryBytes: 2 ** 26 };
/** Memory that the guest has not touched takes no place. */
const IMAGE_BYTES_MAX = 2 ** 20;

await printOnce(async (folder) => {
  const seen = {};
  for (const [name, text] of Object.entries(PROGRAMS)) {
    const program = join(folder, `${name}.nexe`);
    const output = join(folder, `${name}.frozen`);
    writeFileSync(program, assembledNexe(text));
    const { report, image } = await freeze({ program, output, ...COMMON });
    if (image === undefined) throw new Error(JSON.stringify(report.outcome));
    if (statSync(output).size > IMAGE_BYTES_MAX) throw new Error(`${name} is large`);
    const all = [];
    for (const tier of ["auto", "dynamic", "optimise"]) {
      const stdin = Readable.from([Buffer.from("some input")]);
      const options = { program: output, tier, fuel: 10n ** 9n, etag: "sha256", stdin };
      all.push(await observe({ ...options, ...COMMON }));
    }
    const [first, ...others] = all.map((it) => JSON.stringify(it));
    const other = others.find((it) => it !== first);
    if (other !== undefined) throw new Error(`Tiers differ in ${name}:\n${first}\n${other}`);
    seen[name] = { ...all[0], image: sha256(readFileSync(output)), frozen: report.traceHash };
  }
  return seen;
});
