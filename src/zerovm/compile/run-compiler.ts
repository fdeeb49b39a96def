import { spawnSync } from "node:child_process";
import { ZvmError } from "../../base/index.ts";

/** A compiler of the system, and what installs it. */
export interface Compiler {
  readonly name: "gcc" | "clang";
  readonly packages: string;
}

export const GCC: Compiler = { name: "gcc", packages: "gcc" };
export const CLANG: Compiler = {
  name: "clang",
  packages: "clang lld wasi-libc libclang-rt-dev-wasm32",
};

/** A compiler that says more than this has lost its way. */
const OUTPUT_BYTES_MAX = 256 * 1024 * 1024;

/**
 * Runs a compiler, whose own messages go to standard error as it writes them.
 * @returns what it wrote to standard output
 * @throws ZvmError `ZVM_COMPILE` where there is none, or it found errors
 */
export function runCompiler(compiler: Compiler, args: readonly string[]): string {
  const { status, stdout, error } = spawnSync(compiler.name, args, {
    stdio: ["ignore", "pipe", "inherit"],
    encoding: "utf8",
    maxBuffer: OUTPUT_BYTES_MAX,
  });
  if (error !== undefined) {
    const isMissing = "code" in error && error.code === "ENOENT";
    const message = isMissing
      ? `There is no ${compiler.name}; on Debian: apt install ${compiler.packages}`
      : `Cannot run ${compiler.name}: ${error.message}`;
    throw new ZvmError("ZVM_COMPILE", message, { cause: error });
  }
  if (status !== 0) throw new ZvmError("ZVM_COMPILE", `${compiler.name} made no program`);
  return stdout;
}
