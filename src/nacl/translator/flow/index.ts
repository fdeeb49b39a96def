/** The flow of a program: blocks, functions, what is live, and its form in WebAssembly. */

export { addressesTaken, entryBundles } from "./address-taken.ts";
export { BlockGraph } from "./block-graph.ts";
export {
  endsInCall,
  type FunctionPlan,
  findLiveness,
  flagsAtEnd,
  jumpsOut,
  liveAtEnd,
  PASSED,
  planFunctions,
  readUnreached,
  storesOf,
  type Traffic,
} from "./function-plan.ts";
export {
  callTargets,
  divide,
  divideFrom,
  type Partition,
  type Roots,
  resolveJumps,
} from "./functions.ts";
export { type Shape, shapeOf } from "./shape.ts";
