/** The flow of a program: blocks, functions, what is live, and its form in WebAssembly. */

export { addressesTaken, mayBeFunction } from "./address-taken.ts";
export { BlockGraph } from "./block-graph.ts";
export {
  endsInCall,
  type FunctionPlan,
  findLiveness,
  flagsAtEnd,
  PASSED,
  planFunctions,
  storesOf,
  type Traffic,
} from "./function-plan.ts";
export { divide, type Partition, type Roots } from "./functions.ts";
export { type Shape, shapeOf } from "./shape.ts";
