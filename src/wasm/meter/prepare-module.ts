import {
  judgeFunctionReferences,
  limitEdits,
  type ModuleShape,
  malformed,
  readModule,
} from "../index.ts";
import { ModuleDraft, ModuleTypes, TYPE, typeByte } from "../rewrite/index.ts";
import { BodyPass, type ResultBlock } from "./body-pass.ts";
import { BulkHelpers } from "./bulk-helpers.ts";
import { addGuards } from "./guards.ts";
import { GUARD_EXPORTS, type PrepareOptions } from "./options.ts";

/**
 * Rewrites a module for its run: counts fuel and stack, slices bulk operations, answers for
 * limits and settles NaNs, each if the options ask for it, in one walk over the code. What the
 * guest computes stays the same. Equal inputs give equal bytes.
 * @param shape what `readModule` says of the bytes, where that is known
 * @throws ZvmError `ZVM_PROGRAM_REFUSED` for code that is malformed or cannot be counted
 */
export function prepareModule(
  bytes: Uint8Array,
  options: PrepareOptions,
  shape: ModuleShape = readModule(bytes),
): Uint8Array {
  if (shape.memories.length > 1) throw malformed(0, "several memories cannot be metered");
  judgeFunctionReferences(bytes, shape);
  const types = new ModuleTypes(bytes, shape);
  const draft = new ModuleDraft(bytes, shape, types);
  if (options.limits !== undefined) draft.edit(limitEdits(shape, options.limits));
  draft.reserveExports(Object.values(GUARD_EXPORTS));
  const guards = addGuards(draft, options);
  if (options.exportsStart === true && shape.startFunction !== undefined) {
    draft.dropStart();
    draft.addExport(GUARD_EXPORTS.START, "function", shape.startFunction);
  }
  const pass = new BodyPass({
    bytes,
    types,
    bounds: { globals: shape.globalCount },
    guards,
    helpers: new BulkHelpers(draft, shape, options, guards),
    resultBlock: resultBlocks(draft, types),
    canonicalNans: options.canonicalNans === true,
  });
  draft.rewriteBodies((body, out) => pass.rewrite(body, out));
  return draft.write();
}

/** Block types for the results of functions; those of several need a type of their own. */
function resultBlocks(draft: ModuleDraft, types: ModuleTypes): ResultBlock {
  return (functionIndex) => {
    const { results } = types.arity(types.ofFunction(functionIndex, 0), 0);
    if (results.length === 0) return [TYPE.VOID];
    const bytes = results.map((it) => typeByte(it) ?? 0);
    const [first] = bytes;
    if (bytes.includes(0)) throw malformed(0, `results ${results.join(" ")} cannot be metered`);
    if (bytes.length === 1 && first !== undefined) return [first];
    return signedLeb(draft.functionType([], bytes));
  };
}

function signedLeb(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 0x40) {
    bytes.push((rest & 0x7f) | 0x80);
    rest >>>= 7;
  }
  return [...bytes, rest];
}
