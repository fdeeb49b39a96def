import { narrow, wide } from "./register-names.ts";

const NAME = /^bt([src]?)([lq])$/;
const RCX = "%rcx";

/**
 * What `bt` and its like become with the number of the bit in a register, which the rules refuse:
 * a shift in r11, for which the number goes to cl for a moment. C is the bit behind `bt`, as it
 * has to be; compilers use no flag behind the others. Undefined for any other instruction.
 */
export function bitByRegister(name: string, operands: readonly string[]): string[] | undefined {
  const [, change, suffix] = NAME.exec(name) ?? [];
  const [bit = "", value = ""] = operands;
  if (change === undefined || !bit.startsWith("%") || !value.startsWith("%")) return undefined;
  const sized = suffix === "q" ? wide : narrow;
  const temporary = sized("%r11");
  const inCl = (...lines: readonly string[]) => {
    if (wide(bit) === RCX) return [...lines];
    const exchange = `xchgq ${wide(bit)}, ${RCX}`;
    return [exchange, ...lines, exchange];
  };
  if (change === "") {
    const shift = inCl(`shr${suffix} %cl, ${temporary}`);
    return [`mov${suffix} ${value}, ${temporary}`, ...shift, `bt${suffix} $0, ${temporary}`];
  }
  const mask = ["movl $1, %r11d", ...inCl(`shl${suffix} %cl, ${temporary}`)];
  if (change === "s") return [...mask, `or${suffix} ${temporary}, ${value}`];
  if (change === "c") return [...mask, `xor${suffix} ${temporary}, ${value}`];
  return [...mask, `not${suffix} ${temporary}`, `and${suffix} ${temporary}, ${value}`];
}
