/**
 * The command line for `zerovm run` alone, the one command whose start is felt: a program of its
 * own, so that the engine reads a third of the whole. `bin/zerovm.js` chooses.
 */
import { RUN } from "./commands/run.ts";
import { start } from "./dispatch.ts";

start({ run: { summary: "", load: () => Promise.resolve(RUN) } });
