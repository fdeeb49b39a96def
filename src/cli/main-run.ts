/**
 * The command line for `zerovm run` alone, the one command whose start is felt: a program of its
 * own, so that the engine reads a third of the whole. `bin/zerovm.js` chooses.
 */
import { leave } from "../zerovm/index.ts";
import { hasWritten } from "./command.ts";
import { RUN } from "./commands/run.ts";
import { start } from "./dispatch.ts";

void start({ run: { summary: "", load: () => Promise.resolve(RUN) } }).then(() => {
  // Text of ours may still be on its way, else nothing is left to wait for.
  if (!hasWritten()) leave(Number(process.exitCode ?? 0));
});
