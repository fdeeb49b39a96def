/** Translates validated Native Client programs to WebAssembly. Pure. */

export { FAULT } from "./emit/index.ts";
export { GLOBAL, GLOBALS } from "./guest/index.ts";
export { NexeUntranslated, type Untranslated } from "./nexe-untranslated.ts";
export {
  type FurtherCode,
  type LocatedModule,
  type MadeCode,
  type PlaceModule,
  type Translation,
  translate,
  translateFurther,
} from "./translate.ts";
export type { TranslateOptions } from "./translate-options.ts";
