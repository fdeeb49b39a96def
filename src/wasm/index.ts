/** A WebAssembly module as bytes: recognise, read its structure, lower its limits. Pure. */

export type { Feature } from "./instruction-table.ts";
export {
  limitModule,
  MEMORY_PAGES_MAX,
  type ModuleLimits,
  TABLE_ELEMENTS_MAX,
} from "./limit-module.ts";
export type {
  CustomSectionShape,
  ExportShape,
  ExternKind,
  ImportShape,
  LimitsShape,
  MemoryShape,
  ModuleShape,
  SectionShape,
  Signature,
  TableShape,
} from "./module-shape.ts";
export { MODULE_BYTES_MAX, readModule, readModuleFrom } from "./read-module.ts";
export { type ProgramKind, RECOGNISE_BYTES, type Recognition, recognise } from "./recognise.ts";
export { type FeatureScan, scanFeatures } from "./scan-features.ts";
