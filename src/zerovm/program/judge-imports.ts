import { printable } from "../../base/index.ts";
import type { ImportShape, ModuleShape } from "../../wasm/index.ts";
import type { Finding } from "../manifest/index.ts";
import { refusal } from "./program-finding.ts";
import { importRecipe } from "./recipes.ts";

/** What the host offers to programs. */
export interface HostOffer {
  /** Import module → names of its functions. */
  readonly hostImports: ReadonlyMap<string, ReadonlySet<string>>;
  /** Import module → function → its type, as in `i32 i64 -> i32`. Without it no type is checked. */
  readonly signatures?: ReadonlyMap<string, Readonly<Record<string, string>>>;
  /** The memory may be declared as one that threads could share: our translator does that. */
  readonly sharedMemory?: true;
}

/** Findings about imports that are listed one by one; the rest is counted. */
const LISTED_MAX = 50;

/** One finding for each import that the host does not offer, or offers under another type. */
export function judgeImports(shape: ModuleShape, host: HostOffer): Finding[] {
  const findings: Finding[] = [];
  const others = shape.imports;
  let unlisted = 0;
  for (const it of shape.imports) {
    const found = judgeImport(it, others, host);
    if (found === undefined) continue;
    if (findings.length < LISTED_MAX) findings.push(found);
    else unlisted += 1;
  }
  if (unlisted > 0) findings.push(refusal({ message: `${unlisted} more imports are unknown` }));
  return findings;
}

function judgeImport(
  it: ImportShape,
  others: readonly ImportShape[],
  host: HostOffer,
): Finding | undefined {
  const { module, name, offset } = it;
  const full = `${printable(module)}.${printable(name)}`;
  const offered = it.kind === "function" && host.hostImports.get(module)?.has(name) === true;
  if (offered) return judgeType(it, full, host);
  if (it.kind === "function") {
    const { because, hint } = importRecipe({ module, name, others });
    return refusal({ message: `Import ${full} is unknown: ${because}`, hint, offset });
  }
  return refusal({ message: `${full} is an imported ${it.kind}`, hint: thingHint(it), offset });
}

function judgeType(it: ImportShape, full: string, host: HostOffer): Finding | undefined {
  const types = host.signatures?.get(it.module);
  const expected =
    types !== undefined && Object.hasOwn(types, it.name) ? types[it.name] : undefined;
  if (expected === undefined || it.type === expected) return undefined;
  return refusal({
    message: `Import ${full} has the type (${it.type})`,
    expected: `(${expected})`,
    hint: "The program was built for another system with calls of the same name: build for wasm32-wasip1",
    offset: it.offset,
  });
}

/** Programs bring their own memory and table, so that limits hold and nothing is shared. */
function thingHint(it: ImportShape): string {
  switch (it.kind) {
    case "memory":
      return "Link without --import-memory (and without -pthread): a program defines its memory and exports it";
    case "table":
      return "Link without --import-table and without -fPIC: dynamic linking is not offered";
    case "tag":
      return "Exceptions stay inside the program: link what throws and what catches into one module";
    default:
      return "Link statically: position independent modules and JavaScript values are not offered";
  }
}
