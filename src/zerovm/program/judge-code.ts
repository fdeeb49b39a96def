import { LIMIT_TABLE, printable, ZvmError } from "../../base/index.ts";
import type { ModuleShape } from "../../wasm/index.ts";
import type { Finding } from "../manifest/index.ts";
import type { JudgeOptions } from "./judge-program.ts";
import { rewriteForRun } from "./prepare-program.ts";
import { refusal } from "./program-finding.ts";

/**
 * Judges the code of a module whose structure was accepted, by what a session does before the
 * guest runs: the passes, then the engine, which reads it and runs nothing.
 * @returns at most one finding: the first thing that is wrong hides what follows
 */
export function judgeCode(
  bytes: Uint8Array,
  shape: ModuleShape,
  { name, memoryBytes, tableElements }: JudgeOptions,
): Finding[] {
  const reason =
    refusedByPasses(bytes, shape, { memoryBytes, tableElements }) ?? refusedByEngine(bytes);
  if (reason === undefined) return [];
  const message = `${name} is no valid module: ${printable(reason)}`;
  return [refusal({ message, hint: "Build or download the program again" })];
}

function refusedByPasses(
  bytes: Uint8Array,
  shape: ModuleShape,
  { memoryBytes, tableElements }: Pick<JudgeOptions, "memoryBytes" | "tableElements">,
): string | undefined {
  const { stack } = LIMIT_TABLE;
  try {
    rewriteForRun(bytes, shape, {
      limits: { memory: memoryBytes, table: tableElements, stack: stack.standard },
      isMetered: false,
      isOutlined: false,
    });
    return undefined;
  } catch (error) {
    if (!(error instanceof ZvmError)) throw error;
    return error.diagnostics[0]?.message ?? error.message;
  }
}

function refusedByEngine(bytes: Uint8Array): string | undefined {
  if (WebAssembly.validate(bytes)) return undefined;
  try {
    new WebAssembly.Module(bytes);
    return "the engine refuses it";
  } catch (error) {
    // The engine begins with the name of the call, which says nothing to the user.
    return error instanceof Error ? error.message.replace(/^WebAssembly\.\w+\(\): /u, "") : "";
  }
}
