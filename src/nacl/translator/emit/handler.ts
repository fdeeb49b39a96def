import type { Emitter } from "./emitter.ts";

/** Emits the current instruction. */
export type Handler = (emitter: Emitter) => void;

/** Handlers by the first name of a form as the table has it, with its `*`. */
export type Handlers = Readonly<Record<string, Handler>>;

/** Names of the sixteen conditions in the order of their codes. */
export const CONDITION_NAMES = [
  "o",
  "no",
  "b",
  "ae",
  "e",
  "ne",
  "be",
  "a",
  "s",
  "ns",
  "p",
  "np",
  "l",
  "ge",
  "le",
  "g",
] as const;
