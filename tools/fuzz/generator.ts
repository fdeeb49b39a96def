/** Random valid modules, by the fuzzer of binaryen. */
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { withExceptions } from "./add-exceptions.ts";

/** One random module, which its seed and its number make again. */
export interface FuzzCase {
  readonly seed: number;
  readonly index: number;
  /** Random bytes that it was made of. */
  readonly inputBytes: number;
  /** No operation of it makes a NaN. */
  readonly isNanFree: boolean;
  readonly module: Uint8Array;
}

const WASM_OPT = "node_modules/binaryen/bin/wasm-opt";
const INPUT_BYTES = { least: 200, most: 6000 };

/** What every version of Node that we support has. */
const FEATURES = [
  "--mvp-features",
  ...["sign-ext", "mutable-globals", "nontrapping-float-to-int", "bulk-memory", "multivalue"],
  ...["reference-types", "tail-call"],
].map((name, index) => (index === 0 ? name : `--enable-${name}`));

/** Binaryen makes both forms of exceptions; with the second word only the one of today is left. */
const EXCEPTIONS = ["--enable-exception-handling", "--translate-to-exnref"];

/** The program of binaryen, to be started with words and to end by itself. */
type Program = (
  module: object,
  require: NodeJS.Require,
  process: object,
  console: object,
  path: string,
  folder: string,
) => void;

/** Where exceptions come from; the old form is known to Node 20 as well, the present one is not. */
const KINDS = [undefined, undefined, "legacy", "translated", "binaryen's"] as const;

export class Generator {
  readonly #program: Program;
  readonly #folder: string;

  /** @param folder for files between binaryen and us */
  constructor(folder: string) {
    this.#folder = folder;
    const text = readFileSync(WASM_OPT, "utf8").replace(/^#!.*\n/, "");
    const names = ["Module", "require", "process", "console", "__filename", "__dirname"];
    // Started as a process of its own for each module it would take longer to load than to run.
    this.#program = new Function(...names, text) as Program;
    shareCompiledModules();
  }

  /** @param inputBytes fewer than the case has of itself, to make it smaller */
  async make(seed: number, index: number, inputBytes?: number): Promise<FuzzCase> {
    const hash = createHash("shake256", { outputLength: INPUT_BYTES.most + 8 });
    const random = hash.update(`${seed}/${index}`).digest();
    const choices = random.readUInt32LE(0);
    const range = INPUT_BYTES.most - INPUT_BYTES.least;
    const size = inputBytes ?? INPUT_BYTES.least + (random.readUInt32LE(4) % range);
    const isNanFree = (choices & 1) === 1;
    const input = join(this.#folder, "input");
    const output = join(this.#folder, "output");
    writeFileSync(input, random.subarray(8, 8 + size));
    const exceptions = KINDS[(choices >>> 3) % KINDS.length];
    const features = [...FEATURES, ...((choices & 2) === 0 ? ["--enable-simd"] : [])];
    await this.#start([
      input,
      ...["-ttf", "--quiet", "-o", output, ...features],
      ...(isNanFree ? ["--denan"] : []),
      ...((choices & 4) === 0 ? ["--no-fuzz-oob"] : []),
      ...(exceptions === "binaryen's" ? EXCEPTIONS : []),
    ]);
    const made = withMoreTurns(readFileSync(output));
    const isOurs = exceptions === "legacy" || exceptions === "translated";
    const module = isOurs ? withExceptions(made, random.subarray(8, 8 + size)) : made;
    if (exceptions !== "translated") return { seed, index, inputBytes: size, isNanFree, module };
    writeFileSync(input, module);
    await this.#start([input, "--quiet", "-o", output, ...features, ...EXCEPTIONS]);
    return { seed, index, inputBytes: size, isNanFree, module: readFileSync(output) };
  }

  #start(words: readonly string[]): Promise<void> {
    const path = resolve(WASM_OPT);
    return new Promise((done, fail) => {
      const module = { postRun: [done], onAbort: (what: string) => fail(new Error(what)) };
      const argv = { value: ["node", "wasm-opt", ...words] };
      const silent = { log: () => undefined, error: () => undefined, warn: () => undefined };
      const process = Object.create(globalThis.process, { argv });
      this.#program(module, createRequire(path), process, silent, path, dirname(path));
    });
  }
}

const OP = { UNREACHABLE: 0, END: 0x0b, GLOBAL_SET: 0x24, I32_CONST: 0x41 };
/** A global of type i32 that can be set. */
const GLOBAL = [0x7f, 1];
/** The largest number that takes one byte. */
const TURNS = 63;

/**
 * The fuzzer lets loops and recursion of a module go on for some turns in all, which are counted
 * down in a global: where none are left, it is set anew and the module traps. Few turns are too
 * few for loops that are moved when they have gone on for a while.
 */
function withMoreTurns(module: Uint8Array): Uint8Array {
  let few: number | undefined;
  for (let at = 0; at + 5 < module.length; at++) {
    const [opcode, turns = 0, set, , trap, end] = module.subarray(at, at + 6);
    const isReset = opcode === OP.I32_CONST && set === OP.GLOBAL_SET;
    if (!isReset || trap !== OP.UNREACHABLE || end !== OP.END || turns > TURNS) continue;
    few ??= turns;
    if (turns === few) module[at + 1] = TURNS;
  }
  for (let at = 0; at + 4 < module.length; at++) {
    const [type, mutable, opcode, turns, end] = module.subarray(at, at + 5);
    const isGlobal = type === GLOBAL[0] && mutable === GLOBAL[1] && opcode === OP.I32_CONST;
    if (isGlobal && turns === few && end === OP.END) module[at + 3] = TURNS;
  }
  return module;
}

/** Every start makes an instance of the same bytes: they are compiled once. */
function shareCompiledModules(): void {
  const compiled = new Map<number, Promise<WebAssembly.Module>>();
  const instantiate = async (bytes: Uint8Array, imports: WebAssembly.Imports) => {
    const known = compiled.get(bytes.length) ?? WebAssembly.compile(new Uint8Array(bytes));
    compiled.set(bytes.length, known);
    const module = await known;
    return { module, instance: new WebAssembly.Instance(module, imports) };
  };
  Reflect.set(WebAssembly, "instantiate", instantiate);
}
