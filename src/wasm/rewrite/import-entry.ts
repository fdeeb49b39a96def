import { type ModuleShape, malformed } from "../index.ts";
import type { ByteWriter } from "./byte-writer.ts";
import { TYPE } from "./value-type.ts";

/** Where an import comes from. */
export interface ImportName {
  readonly module: string;
  readonly name: string;
}

type ImportEntry = ImportName &
  (
    | { readonly kind: "global"; readonly type: number }
    | { readonly kind: "table"; readonly size: number }
  );

const TABLE = 1;
const GLOBAL = 3;
const MUTABLE = 1;
const LIMITED = 1;

/**
 * Writes the import of a mutable global, or of a table of functions that cannot grow.
 * @throws ZvmError when the module has some of its own, which would be numbered anew
 */
export function writeImport(out: ByteWriter, shape: ModuleShape, entry: ImportEntry): void {
  const { module, name, kind } = entry;
  const imported = shape.imports.filter((it) => it.kind === kind).length;
  if (imported < (kind === "global" ? shape.globalCount : shape.tables.length)) {
    throw malformed(0, `a ${kind} of its own would come behind one of the sandbox`);
  }
  out.name(module);
  out.name(name);
  if (entry.kind === "global") {
    out.all([GLOBAL, entry.type, MUTABLE]);
    return;
  }
  out.all([TABLE, TYPE.FUNCREF, LIMITED]);
  out.unsigned(entry.size);
  out.unsigned(entry.size);
}
