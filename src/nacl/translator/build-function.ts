import type { FunctionPlan } from "./flow/index.ts";
import { FunctionBuilder, TooDeep } from "./function-builder.ts";
import type { ProgramScope } from "./transfers.ts";
import type { Code } from "./wasm/index.ts";

const BLOCKS_MAX = 20_000;

/** Builds the code of one function. */
export function buildFunction(scope: ProgramScope, plan: FunctionPlan): Code {
  try {
    return new FunctionBuilder(scope, plan, plan.blocks.length > BLOCKS_MAX).build();
  } catch (error) {
    if (!(error instanceof TooDeep)) throw error;
    return new FunctionBuilder(scope, plan, true).build();
  }
}
