import { execFile, spawnSync } from "node:child_process";
import { ZvmError } from "../../base/index.ts";

/** A compiler of the system, and what installs it. */
export interface Compiler {
  readonly name: "gcc" | "clang";
  readonly packages: string;
}

export const GCC: Compiler = { name: "gcc", packages: "gcc newlib-source" };
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
  if (error !== undefined) throw notRun(compiler, error);
  if (status !== 0) throw new ZvmError("ZVM_COMPILE", `${compiler.name} made no program`);
  return stdout;
}

/**
 * As `runCompiler`, beside others, and silent: its first message of an error is in what is thrown.
 * @param what it compiles, for the message
 */
export function runBeside(
  compiler: Compiler,
  args: readonly string[],
  what: string,
): Promise<string> {
  const options = { encoding: "utf8", maxBuffer: OUTPUT_BYTES_MAX } as const;
  return new Promise((resolve, reject) => {
    execFile(compiler.name, args, options, (error, stdout, stderr) => {
      if (error === null) return resolve(stdout);
      if (typeof error.code !== "number") return reject(notRun(compiler, error));
      const [first = `it ended with ${error.code}`] = /^.*error: .*$/m.exec(stderr) ?? [];
      const message = `${compiler.name} cannot compile ${what}: ${first}`;
      reject(new ZvmError("ZVM_COMPILE", message, { cause: error }));
    });
  });
}

/** What is said where a compiler is not there. */
export function missingCompiler({ name, packages }: Compiler): string {
  return `There is no ${name}; on Debian: apt install ${packages}`;
}

function notRun(compiler: Compiler, error: Error): ZvmError {
  const isMissing = "code" in error && error.code === "ENOENT";
  const message = isMissing
    ? missingCompiler(compiler)
    : `Cannot run ${compiler.name}: ${error.message}`;
  return new ZvmError("ZVM_COMPILE", message, { cause: error });
}
