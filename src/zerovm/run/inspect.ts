import {
  type Form,
  judgeValue,
  LIMIT_TABLE,
  limitOf,
  NAME,
  optional,
  recordOf,
  wordOf,
} from "../../base/index.ts";
import { NEXE_POLICIES, type NexePolicy } from "../../nacl/elf/index.ts";
import { type Inspection, inspectProgram, loadNexeTools } from "../program/index.ts";
import { RUNTIME_OPTIONS, type RuntimeOptions } from "../runtime/index.ts";
import { HOST_OFFER } from "../session/index.ts";
import { resolveProgram } from "./resolve-program.ts";

/** Limits under which a program is judged, the standard ones unless given. */
export interface InspectOptions {
  readonly memoryBytes?: number;
  readonly tableElements?: number;
  /** Whose rules a Native Client program is judged by; `zerovm` unless given. */
  readonly policy?: NexePolicy;
  /** Where runtimes are looked for and how they are fetched. */
  readonly runtimes?: RuntimeOptions;
}

const OPTIONS: Form = recordOf<InspectOptions>({
  memoryBytes: optional(limitOf("memory")),
  tableElements: optional(limitOf("table")),
  policy: optional(wordOf(NEXE_POLICIES)),
  runtimes: optional(RUNTIME_OPTIONS),
});

/**
 * Says what a program is and needs, and whether it would run; nothing runs.
 *
 * @param program a path, or the name of a runtime.
 * @throws ZvmError ZVM_PROGRAM_NOT_FOUND, ZVM_FILE or ZVM_RUNTIME when there is nothing to read.
 */
export async function inspect(program: string, options: InspectOptions = {}): Promise<Inspection> {
  judgeValue("inspect", program, NAME);
  judgeValue("inspect", options, OPTIONS);
  const { path } = await resolveProgram(program, options.runtimes);
  return inspectProgram(path, {
    ...HOST_OFFER,
    nexeTools: await loadNexeTools(path),
    ...(options.policy !== undefined && { policy: options.policy }),
    memoryBytes: options.memoryBytes ?? LIMIT_TABLE.memory.standard,
    tableElements: options.tableElements ?? LIMIT_TABLE.table.standard,
  });
}
