/**
 * The assembler of the tests, and what they write programs with, for checks of the matrix: these
 * run without anything that loads TypeScript, as a user who may write nothing here.
 */
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const { outputFiles } = await build({
  stdin: {
    contents: `
      export { assembledNexe } from "./assembled-nexe.ts";
      export { faultingLoops } from "./faulting-loops.ts";
      export { COPYING, LATER } from "./forking-nexe.ts";
      export { BLOCK, copiedBlock, PLACES } from "./later-nexe.ts";
      export { trapLines, writingNexe } from "./nexe-text.ts";`,
    resolveDir: fileURLToPath(new URL(".", import.meta.url)),
  },
  bundle: true,
  write: false,
  format: "esm",
  platform: "node",
});
const script = Buffer.from(outputFiles[0].contents).toString("base64");

export const {
  assembledNexe,
  BLOCK,
  COPYING,
  copiedBlock,
  faultingLoops,
  LATER,
  PLACES,
  trapLines,
  writingNexe,
} = await import(`data:text/javascript;base64,${script}`);
