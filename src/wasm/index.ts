/** A WebAssembly module as bytes: recognise, read its structure, lower its limits. Pure. */

export { ByteReader, malformed } from "./byte-reader.ts";
export { skipConstantExpression } from "./constant-expression.ts";
export { judgeFunctionReferences } from "./function-references.ts";
export { type Feature, immediatesOf } from "./instruction-table.ts";
export {
  type Edit,
  limitEdits,
  MEMORY_PAGES_MAX,
  type ModuleLimits,
  TABLE_ELEMENTS_MAX,
} from "./limit-edits.ts";
export {
  type CustomSectionShape,
  countFunctions,
  type ExportShape,
  type ExternKind,
  type ImportShape,
  type LimitsShape,
  type MemoryShape,
  type ModuleShape,
  type SectionShape,
  type Signature,
  type TableShape,
} from "./module-shape.ts";
export { MODULE_BYTES_MAX, readModule, readModuleFrom, SECTION_ORDER } from "./read-module.ts";
export { type ProgramKind, RECOGNISE_BYTES, type Recognition, recognise } from "./recognise.ts";
export { type FeatureScan, scanFeatures } from "./scan-features.ts";
export { readGlobalType } from "./value-types.ts";
