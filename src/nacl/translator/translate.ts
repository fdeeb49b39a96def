import { TYPE } from "../../wasm/rewrite/index.ts";
import { type EntryState, type Nexe, trampolinePage, ZEROVM_ENTRY_STATE } from "../elf/index.ts";
import { FLOW, mnemonicOf } from "../x86/index.ts";
import { buildFunction, type ProgramScope, TABLE_START } from "./build-function.ts";
import { HELPERS, type HelperName } from "./emit/index.ts";
import {
  addressesTaken,
  mayBeFunction,
  BlockGraph,
  divide,
  findLiveness,
  PASSED,
  type Partition,
  planFunctions,
  type Roots,
  type Traffic,
} from "./flow/index.ts";
import { type DataBytes, GLOBALS, GuestText, MEMORY_BIAS } from "./guest/index.ts";
import { NexeUntranslated, type Untranslated } from "./nexe-untranslated.ts";
import {
  askThunk,
  missThunk,
  startFunction,
  syscallThunk,
  TABLE,
  type ThunkScope,
  trapThunk,
} from "./thunks.ts";
import {
  Code,
  type ElementRun,
  type FunctionBody,
  type FunctionImport,
  TypeTable,
  writeModule,
} from "./wasm/index.ts";

const MEMORY_PAGES = 65535;
const BUNDLE_SHIFT = 5;
/** Registers that a system call of Native Client takes its arguments from, but for rdi. */
const ARGUMENTS = (1 << 6) | (1 << 2) | (1 << 1) | (1 << 8) | (1 << 9);

/** Choices that a translation depends on. */
export interface TranslateOptions {
  /** What the program begins with; that of ZeroVM unless given. */
  readonly entryState?: EntryState;
  /**
   * What is done about instructions that cannot be translated: the program is refused, or it
   * faults where it comes to one.
   */
  readonly unsupported?: "refuse" | "fault";
  /**
   * Whether a NaN gets the bits that an x86 processor gives it, wherever the module runs; true
   * unless given. Without it floats are faster, and NaNs are those of the engine.
   */
  readonly exactNans?: boolean;
}

/** A translated program, to which more may be added while it runs. */
export interface Translation {
  /** The module, which exports `_start` and the guest's state. */
  readonly module: Uint8Array;
  /** Instructions that fault, as there is no translation of them. */
  readonly untranslated: readonly Untranslated[];
  /**
   * Translates a place within the text that was no function: a module that imports from `guest`
   * what the first one exports, and puts a function into the table `places`.
   * @returns the module, and the slot in the table; undefined where no bundle of the text begins.
   */
  more(address: number): { readonly module: Uint8Array; readonly slot: number } | undefined;
}

/**
 * Translates a program whose code was found valid. The result is no more trusted than any other
 * module: what a mistake here breaks is the guest's own business.
 * @throws NexeUntranslated for instructions that have no translation.
 */
export function translate(
  file: Uint8Array,
  nexe: Nexe,
  options: TranslateOptions = {},
): Translation {
  const program = new Program(file, nexe, options);
  const main = program.main();
  return {
    module: main,
    untranslated: program.untranslated,
    more: (address) => program.more(address),
  };
}

/** The state that the first module and those behind it share. */
class Program {
  readonly #nexe: Nexe;
  readonly #options: TranslateOptions;
  readonly #text: GuestText;
  readonly #data: readonly DataBytes[];
  readonly #slotCount: number;
  readonly untranslated: Untranslated[] = [];
  /** Addresses of the functions in the first module, with the flags that they read. */
  #heads = new Map<number, number>();
  /** Registers that functions translated so far read from globals. */
  #read = 0;

  constructor(file: Uint8Array, nexe: Nexe, options: TranslateOptions) {
    this.#nexe = nexe;
    this.#options = options;
    const bytesOf = ({ fileOffset, fileBytes }: { fileOffset: number; fileBytes: number }) =>
      file.subarray(fileOffset, fileOffset + fileBytes);
    this.#text = new GuestText(bytesOf(nexe.text), nexe.text.address);
    this.#data = [nexe.rodata, nexe.data]
      .filter((segment) => segment !== undefined)
      .map((segment) => ({ address: segment.address, bytes: bytesOf(segment) }));
    this.#slotCount = (this.#text.end - TABLE_START) >> BUNDLE_SHIFT;
    this.#textBytes = bytesOf(nexe.text);
  }

  readonly #textBytes: Uint8Array;

  main(): Uint8Array {
    const text = this.#text;
    const taken = addressesTaken(text, this.#data);
    const leaders = [...taken, this.#nexe.entry].map((address) => text.at(address));
    const graph = new BlockGraph(
      text,
      leaders.filter((at) => at >= 0),
    );
    const blocks = (addresses: Iterable<number>) =>
      new Set([...addresses].map((address) => graph.at(address)).filter((block) => block >= 0));
    const called = blocks([...callTargets(graph), this.#nexe.entry]);
    const functions = [...taken].filter((address) => mayBeFunction(text, address));
    const roots: Roots = { called, taken: blocks(functions) };
    const partition = divide(graph, roots, this.#data);
    const writer = new ModuleBuilder(this.#options, this.#nexe, graph, partition, new Map(), 0);
    for (const [head, flags] of writer.flagsOfHeads()) this.#heads.set(head, flags);
    this.#read = writer.traffic.registers;
    const module = writer.writeMain(this.#slotCount, this.#contents());
    this.#settle(writer.untranslated);
    return module;
  }

  more(address: number): { readonly module: Uint8Array; readonly slot: number } | undefined {
    const text = this.#text;
    const at = text.at(address);
    if (at < 0 || address % 32 !== 0) return undefined;
    const graph = new BlockGraph(text, [at]);
    const start = graph.at(address);
    const walls = new Set<number>();
    for (const head of this.#heads.keys()) {
      const block = graph.at(head);
      if (block >= 0 && block !== start) walls.add(block);
    }
    const partition = divideOnly(graph, start, walls, this.#data);
    const writer = new ModuleBuilder(
      this.#options,
      this.#nexe,
      graph,
      partition,
      this.#heads,
      this.#read,
    );
    const slot = (address - TABLE_START) >> BUNDLE_SHIFT;
    const module = writer.writeMore(this.#slotCount, slot, start);
    this.#settle(writer.untranslated);
    return { module, slot };
  }

  #settle(found: readonly Untranslated[]): void {
    this.untranslated.push(...found);
    if (found.length > 0 && this.#options.unsupported !== "fault")
      throw new NexeUntranslated(found);
  }

  #contents(): DataBytes[] {
    const { text, paddedTextEnd } = this.#nexe;
    const padded = new Uint8Array(paddedTextEnd - text.address).fill(0xf4);
    padded.set(this.#textBytes);
    const parts = [
      { address: TABLE_START, bytes: trampolinePage() },
      { address: text.address, bytes: padded },
      ...this.#data,
    ];
    return parts.map(({ address, bytes }) => ({ address: address - MEMORY_BIAS, bytes }));
  }
}

function callTargets(graph: BlockGraph): number[] {
  const targets: number[] = [];
  for (let block = 0; block < graph.count; block++) {
    if (graph.flowOf(block) === FLOW.call) {
      targets.push(graph.text.targetOf(graph.last[block] ?? 0));
    }
  }
  return targets;
}

/** All that is reached from one place, up to where functions of the first module begin. */
function divideOnly(
  graph: BlockGraph,
  start: number,
  walls: ReadonlySet<number>,
  data: readonly DataBytes[],
): Partition {
  const whole = divide(graph, { called: new Set([start]), taken: walls }, data);
  const owner = whole.owner.map((head) => (head === start || !walls.has(head) ? head : -1));
  const heads = new Set([...whole.heads].filter((head) => !walls.has(head)));
  return { owner, heads, origins: whole.origins };
}

/** Collects the functions of one module. */
class ModuleBuilder implements ProgramScope {
  readonly graph: BlockGraph;
  readonly partition: Partition;
  readonly traffic: Traffic;
  readonly functionType: number;
  readonly rdtscIsRefused: boolean;
  readonly exactNans: boolean;
  readonly untranslated: Untranslated[] = [];
  slotCount = 0;
  faultFunction = 0;
  readonly #options: TranslateOptions;
  readonly #nexe: Nexe;
  readonly #types = new TypeTable();
  readonly #imports: FunctionImport[] = [];
  readonly #functions: (FunctionBody | undefined)[] = [];
  readonly #byHead = new Map<number, number>();
  readonly #helpers = new Map<HelperName, number>();
  readonly #plans;
  readonly #trampolines: { trap?: number; syscall?: number } = {};

  constructor(
    options: TranslateOptions,
    nexe: Nexe,
    graph: BlockGraph,
    partition: Partition,
    known: ReadonlyMap<number, number>,
    read: number,
  ) {
    this.#options = options;
    this.#nexe = nexe;
    this.graph = graph;
    this.partition = partition;
    this.rdtscIsRefused = nexe.policy === "zerovm";
    this.exactNans = options.exactNans ?? true;
    this.#plans = planFunctions(graph, partition);
    const flags = new Map([...known].map(([address, live]) => [graph.at(address), live]));
    const alsoRead = (nexe.policy === "nacl" ? ARGUMENTS : 0) | read;
    this.traffic = findLiveness(graph, partition, this.#plans, alsoRead, flags);
    const passed = PASSED.map(() => TYPE.I64);
    this.functionType = this.#types.index(passed, [TYPE.I32, ...passed]);
  }

  *flagsOfHeads(): Iterable<[address: number, flags: number]> {
    for (const { head } of this.#plans) {
      yield [this.graph.addressOf(head), this.traffic.flags.get(head) ?? 0];
    }
  }

  helper(name: HelperName): number {
    let index = this.#helpers.get(name);
    if (index !== undefined) return index;
    const { parameters, results, write } = HELPERS[name];
    const code = new Code(parameters.length);
    index = this.#add(this.#types.index(parameters, results), code);
    this.#helpers.set(name, index);
    write(code);
    return index;
  }

  refuse(address: number, form: Parameters<ProgramScope["refuse"]>[1]): void {
    this.untranslated.push({ address, instruction: mnemonicOf(form, 8) });
  }

  functionAt(address: number): number | undefined {
    if (address === TABLE_START) return this.#trampolines.trap;
    if (address > TABLE_START && address < this.graph.text.start) return this.#trampolines.syscall;
    return this.#byHead.get(this.graph.at(address));
  }

  writeMain(slotCount: number, data: readonly DataBytes[]): Uint8Array {
    this.slotCount = slotCount;
    const thunks = this.#importAll();
    const trap = this.#add(this.functionType, trapThunk(thunks));
    const syscall = this.#add(this.functionType, syscallThunk(thunks));
    const miss = this.#add(this.functionType, missThunk());
    const ask = this.#add(this.functionType, askThunk(thunks));
    this.#trampolines.trap = trap;
    this.#trampolines.syscall = syscall;
    this.#build();
    const { entryState = ZEROVM_ENTRY_STATE } = this.#options;
    const start = this.#add(
      this.#types.index([], []),
      startFunction(thunks, this.#nexe.entry, entryState),
    );
    const slots = new Array<number>(slotCount + 1).fill(miss);
    for (let slot = 0; slot < 2048; slot++) slots[slot] = slot === 0 ? trap : syscall;
    for (const [head, index] of this.#byHead) {
      const address = this.graph.addressOf(head);
      if (address % 32 === 0) slots[(address - TABLE_START) >> BUNDLE_SHIFT] = index;
    }
    const places = new Array<number>(slotCount + 1).fill(ask);
    const elements = [
      { table: TABLE.FUNCTIONS, offset: 0, functions: slots },
      { table: TABLE.PLACES, offset: 0, functions: places },
    ];
    return this.#write(elements, data, [["_start", start]]);
  }

  writeMore(slotCount: number, slot: number, start: number): Uint8Array {
    this.slotCount = slotCount;
    this.#importAll();
    this.#build();
    const index = this.#byHead.get(start) ?? 0;
    return this.#write([{ table: TABLE.PLACES, offset: slot, functions: [index] }], [], []);
  }

  #importAll(): ThunkScope {
    const { I32, I64 } = TYPE;
    const add = (name: string, parameters: readonly number[], results: readonly number[]) =>
      this.#imports.push({
        module: "nacl",
        name,
        type: this.#types.index(parameters, results),
      }) - 1;
    const trap = add("trap", [I32], [I64]);
    const syscall = add("syscall", [I32], []);
    const unknown = add("unknown", [I32], [I32]);
    this.faultFunction = add("fault", [I32, I32], []);
    const { functionType, slotCount } = this;
    return { functionType, slotCount, trap, syscall, unknown };
  }

  #build(): void {
    for (const { head } of this.#plans) {
      this.#byHead.set(head, this.#imports.length + this.#functions.push(undefined) - 1);
    }
    for (const plan of this.#plans) {
      const index = (this.#byHead.get(plan.head) ?? 0) - this.#imports.length;
      this.#functions[index] = { type: this.functionType, code: buildFunction(this, plan) };
    }
  }

  #add(type: number, code: Code): number {
    return this.#imports.length + this.#functions.push({ type, code }) - 1;
  }

  #write(
    elements: readonly ElementRun[],
    data: readonly DataBytes[],
    exports: readonly (readonly [string, number])[],
  ): Uint8Array {
    const size = this.slotCount + 1;
    return writeModule({
      types: this.#types,
      imports: this.#imports,
      ...(exports.length > 0 ? {} : { from: "guest" }),
      memoryPages: MEMORY_PAGES,
      tables: [
        { name: "functions", size },
        { name: "places", size },
      ],
      globals: GLOBALS,
      functions: this.#functions.filter((body) => body !== undefined),
      exports,
      elements,
      data,
    });
  }
}
