/** What the translator knows of a program before it follows its flow: code, effects, state. */

export { BASE_HIGH, MEMORY_BIAS } from "./addresses.ts";
export { STATUS_FLAGS } from "./effects.ts";
export {
  GLOBAL,
  GLOBALS,
  type GlobalShape,
  MXCSR_DEFAULT,
  UPPER_GLOBALS,
} from "./globals.ts";
export { type DataBytes, GuestText, type TextEnd } from "./guest-text.ts";
