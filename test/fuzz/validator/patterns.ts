/**
 * The spellings in bytes, as hexadecimal text, of everything that the rules name by itself. They
 * are written down from the rules, with nothing of the validator's.
 */

const withRm = (reg: number, register: number) =>
  (0xc0 | ((reg & 7) << 3) | (register & 7)).toString(16);

/** `and $-32,%eXX; add %r15,%rXX; jmp or call *%rXX`, for one register. */
function maskedJump(register: number): string {
  const isHigh = register > 7;
  const mask = `${isHigh ? "4[1357]" : "(4[0246])?"}83${withRm(4, register)}e0`;
  const add = isHigh
    ? `4[df](01${withRm(7, register)}|03${withRm(register, 7)})`
    : `(4[ce]01${withRm(7, register)}|4[9b]03${withRm(register, 7)})`;
  const prefix = isHigh ? "4[13579bdf]" : "(4[02468ace])?";
  return `${mask},${add},${prefix}ff(${withRm(4, register)}|${withRm(2, register)})`;
}

const registers = Array.from({ length: 15 }, (_, register) => register);
const RSI = "(4[02])?(89|8b)f6,498d3437,";
const RDI = "(4[02])?(89|8b)ff,498d3c3f,";
const WIDE = "(4.)?";

/** Each ends with an instruction that is accepted only there. Commas part the instructions. */
const SUPERINSTRUCTIONS = new RegExp(
  `(^|,)(${[
    ...registers.map(maskedJump),
    `${RSI}(f3)?${WIDE}a[cd]`,
    `${RSI}664[0-7]?ad`,
    `${RSI}66ad`,
    `${RDI}(f3)?${WIDE}a[ab]`,
    `${RDI}66(4[0-7])?ab`,
    `${RDI}(f[23])?${WIDE}a[ef]`,
    `${RDI}66(4[0-7])?af`,
    `${RDI}(66)?${WIDE}0ff7[c-f].`,
    `${RDI}c5.[19]f7[c-f].`,
    `${RDI}c4..79f7[c-f].`,
    `${RSI}${RDI}(f3)?${WIDE}a[45]`,
    `${RSI}${RDI}66(4[0-7])?a5`,
    `${RSI}${RDI}(f[23])?${WIDE}a[67]`,
    `${RSI}${RDI}66(4[0-7])?a7`,
  ].join("|")})$`,
);

/** What is accepted only as the end of one of those. */
const ENDS = new RegExp(
  `^((66|f2|f3)?${WIDE}a[4-7a-f]|(66)?${WIDE}0ff7..|c5.[19]f7..|c4..79f7..|${WIDE}ff[de].)$`,
);

/** How many instructions at the end of the list are one, or 0 where the last is refused. */
export function joinedAtEnd(list: readonly { readonly hex: string }[]): number {
  const last = list.at(-1)?.hex ?? "";
  if (!ENDS.test(last)) return 1;
  const parts = list.slice(-5).map(({ hex }) => hex);
  const found = SUPERINSTRUCTIONS.exec(parts.join(","));
  return found === null ? 0 : (found[2] ?? "").split(",").length;
}

/** Writes of rbp and rsp that need nothing before them. */
export const PLAIN_WRITES = /^(4[8a](89e5|8bec|89ec|8be5)|4883e4[89a-f].)$/;

/** Second halves of pairs. */
export const RBP_FIX = /^(4[ce]01fd|4[9b]03ef|4a8d6c3d00|4a8dac3d00000000)$/;
export const RSP_FIX = /^(4[ce](01|09)fc|4[9b](03|0b)e7|4a8d243c|4a8d643c00|4a8da43c00000000)$/;

/** Jumps and calls whose target is in their last bytes: one, or four. */
export const NEAR = new RegExp(`^(2e|3e)?${WIDE}(7.|e[0-3]|eb)..$`);
export const FAR = new RegExp(`^((2e|3e)?${WIDE}0f8.|${WIDE}e[89])........$`);
export const CALL = new RegExp(`^(${WIDE}e8........|${WIDE}ffd.)$`);
