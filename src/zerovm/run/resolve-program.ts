import { basename } from "node:path";
import { ZvmError } from "../../base/index.ts";
import { isRuntimeName, type RuntimeOptions, resolveRuntime } from "../runtime/index.ts";
import type { ResolvedProgram } from "./build-plan.ts";

/** Runtimes whose first argument is a script. */
const SCRIPT_RUNTIMES: ReadonlySet<string> = new Set(["python", "php", "ruby"]);

/**
 * Finds the program that a name means: a file, or a runtime. What looks like a path is a path;
 * a runtime wins over a file of the same bare name.
 *
 * @throws ZvmError ZVM_USAGE when there is no name.
 * @throws ZvmError ZVM_RUNTIME when a runtime cannot be fetched or is not the pinned one.
 */
export async function resolveProgram(
  name: string,
  options: RuntimeOptions = {},
): Promise<ResolvedProgram> {
  if (name === "") throw new ZvmError("ZVM_USAGE", "The name of the program is empty");
  const runtime = isRuntimeName(name) ? await resolveRuntime(name, options) : undefined;
  if (runtime === undefined) {
    return { path: name, takesScript: false, args: [basename(name)], env: {}, images: [] };
  }
  return {
    path: runtime.program,
    takesScript: SCRIPT_RUNTIMES.has(name),
    args: runtime.args,
    env: runtime.env,
    images: runtime.images.map((image) => ({ ...image, mode: "cow" })),
  };
}
