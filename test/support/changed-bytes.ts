import fc from "fast-check";

/** The same bytes with up to so many of them taken out, put in or replaced, at any place. */
export function changedBytes(good: Uint8Array, changesMax: number): fc.Arbitrary<Uint8Array> {
  const how = fc.constantFrom("remove", "insert", "replace");
  const change = fc.tuple(fc.nat(good.length - 1), fc.nat(255), how);
  return fc.array(change, { maxLength: changesMax }).map((changes) => {
    const bytes = [...good];
    for (const [at, byte, kind] of changes) {
      if (kind === "remove") bytes.splice(at, 1);
      else if (kind === "insert") bytes.splice(at, 0, byte);
      else bytes[at] = byte;
    }
    return Uint8Array.from(bytes);
  });
}
