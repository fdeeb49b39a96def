/** The flow of a program: blocks, functions, what is live, and its form in WebAssembly. */

export { addressesTaken, entryBundles } from "./address-taken.ts";
export { BlockGraph } from "./block-graph.ts";
export { type FunctionPlan, planFunctions } from "./function-nodes.ts";
export {
  endsInCall,
  findFlags,
  findLiveness,
  flagsAtEnd,
  jumpsOut,
  liveAtEnd,
  PASSED,
  storesOf,
  type Traffic,
} from "./function-plan.ts";
export {
  callTargets,
  divide,
  divideFrom,
  type Partition,
  type Roots,
  readUnreached,
  resolveJumps,
} from "./functions.ts";
export { type Shape, shapeOf } from "./shape.ts";
