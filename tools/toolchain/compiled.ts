import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildNexe } from "../../src/nacl/toolchain/index.ts";
import type { NexeLibrary } from "../../src/zerovm/compile/index.ts";

/** How a process of this machine ended, and what it printed. */
export interface NativeRun {
  readonly status: number | null;
  readonly stdout: string;
}

/** Signed overflow, which random programs may have, wraps on both sides. */
const BOTH = ["-w", "-fwrapv"];
const OUTPUT_BYTES_MAX = 2 ** 28;

/** Compiles programs in several ways, in a folder of its own. */
export class Workshop {
  readonly #folder = mkdtempSync(join(tmpdir(), "zerovm-toolchain-"));

  path(name: string): string {
    return join(this.#folder, name);
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** @param more options of gcc, such as macros. */
  nexe(
    source: string,
    level: string,
    library: NexeLibrary,
    more: readonly string[] = [],
  ): Uint8Array {
    const options = [`-O${level}`, ...more, ...BOTH, ...library.options];
    const program = [{ name: source, text: gcc([...options, "-o-", source]) }];
    return buildNexe({ program, library: library.units });
  }

  /** The same source as a WebAssembly module of WASI. @returns the path of its file */
  wasi(source: string, shim: string): string {
    const program = this.path("program.wasm");
    const options = ["--target=wasm32-wasi", "-O2", ...BOTH, "-I", shim];
    compile("clang", [...options, "-o", program, source]);
    return program;
  }

  /** Compiles a program of this machine. @returns the path of its file */
  compile(source: string, options: readonly string[]): string {
    const program = this.path("native");
    gcc([...options, "-o", program, source]);
    return program;
  }

  /**
   * Runs it with arguments, in an empty folder.
   * @param more options of gcc
   */
  runNative(
    source: string,
    shim: string,
    input: string,
    words: readonly string[] = [],
    more: readonly string[] = [],
  ): NativeRun {
    const program = this.compile(source, ["-O1", ...more, ...BOTH, "-I", shim]);
    const { status, stdout } = spawnSync(program, words, {
      cwd: mkdtempSync(this.path("empty-")),
      input,
      encoding: "latin1",
      maxBuffer: OUTPUT_BYTES_MAX,
    });
    return { status, stdout };
  }
}

function gcc(args: readonly string[]): string {
  return compile("gcc", args);
}

/** Runs a compiler. @returns its standard output @throws Error with its messages */
function compile(name: string, args: readonly string[]): string {
  const run = spawnSync(name, args, { encoding: "utf8", maxBuffer: OUTPUT_BYTES_MAX });
  if (run.status !== 0) throw new Error(`${name} ${args.join(" ")}:\n${run.stderr}`);
  return run.stdout;
}
