import { ZvmError } from "../base/index.ts";
import type { ParsedOptions } from "./options.ts";

/**
 * The value of an option that is a number, from 1 on unless told; undefined where it is not given.
 * @throws ZvmError ZVM_USAGE for anything else
 */
export function wholeNumber(
  parsed: ParsedOptions,
  name: string,
  max: number,
  min = 1,
): number | undefined {
  const text = parsed.last(name);
  if (text === undefined) return undefined;
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= min && value <= max) return value;
  throw new ZvmError("ZVM_USAGE", `--${name} is a number from ${min} to ${max}, not '${text}'`);
}
