/** The sixteen conditions in the order of their codes, with the flags that each one reads. */
export const CONDITIONS: readonly (readonly [name: string, flags: string])[] = [
  ["o", "O"],
  ["no", "O"],
  ["b", "C"],
  ["ae", "C"],
  ["e", "Z"],
  ["ne", "Z"],
  ["be", "CZ"],
  ["a", "CZ"],
  ["s", "S"],
  ["ns", "S"],
  ["p", "P"],
  ["np", "P"],
  ["l", "SO"],
  ["ge", "SO"],
  ["le", "ZSO"],
  ["g", "ZSO"],
];

/** Two hexadecimal digits, as the rows write an opcode. */
export function hex(opcode: number): string {
  return opcode.toString(16).padStart(2, "0");
}
