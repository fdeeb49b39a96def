/** The number of a type in a module. */
export const I32 = 0x7f;

/**
 * A function that a table of a guest can hold: tables take functions of modules only. This one is
 * of a module of its own, which calls `answer`.
 * @param parameters their types; there are no results
 */
export function tableFunction(
  parameters: readonly number[],
  answer: (...values: number[]) => void,
): () => void {
  const module = new WebAssembly.Module(Uint8Array.from(passingOn(parameters)));
  return new WebAssembly.Instance(module, { "": { "": answer } }).exports[""] as () => void;
}

/** `(module (import "" "" (func (param …))) (export "" (func 0)))` */
function passingOn(parameters: readonly number[]): readonly number[] {
  const count = parameters.length;
  return [
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...[1, 4 + count, 1, 0x60, count, ...parameters, 0],
    ...[2, 5, 1, 0, 0, 0, 0],
    ...[7, 4, 1, 0, 0, 0],
  ];
}
