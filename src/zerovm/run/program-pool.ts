import { judgeValue } from "../../base/index.ts";
import type { CellPool } from "../pool/index.ts";
import { closeProgram } from "../program/index.ts";
import type { Tier } from "../report/index.ts";
import { compiledPool, openForCompiling } from "../session/index.ts";
import { acceptedProgram } from "./accepted-program.ts";
import { buildPlan, type Plan } from "./build-plan.ts";
import { PROGRAM_POOL_OPTIONS } from "./option-forms.ts";
import type { ProgramPoolOptions } from "./prepare-options.ts";
import { resolveProgram } from "./resolve-program.ts";

/**
 * A pool for one program: each cell has compiled it, and brought it to life, before its session
 * comes. Sessions are run with it as with any other pool; one of another program, or with other
 * limits of memory, table or stack, or with fuel where the pool has none, is compiled when it
 * comes.
 * @throws ZvmError as `run`, also when the program is refused
 */
export async function programPool(options: ProgramPoolOptions): Promise<CellPool> {
  judgeValue("programPool", options, PROGRAM_POOL_OPTIONS);
  const { size, idleSeconds, queueMax, ...asked } = options;
  const { signal } = options;
  const runtimes = signal === undefined ? options.runtimes : { signal, ...options.runtimes };
  const plan = buildPlan(asked, await resolveProgram(options.program, runtimes));
  return compiledPool(await moduleOf(plan, options.tier), {
    size,
    ...(idleSeconds !== undefined && { idleSeconds }),
    ...(queueMax !== undefined && { queueMax }),
    ...(options.isolation === "weak" && { isolation: "weak" }),
    ...(options.tier !== undefined && { tier: options.tier }),
  });
}

async function moduleOf({ manifest }: Plan, tier: Tier | undefined) {
  const program = await acceptedProgram(manifest);
  try {
    return openForCompiling(program, manifest, { tier });
  } finally {
    closeProgram(program);
  }
}
