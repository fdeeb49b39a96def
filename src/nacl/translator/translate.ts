import { type Nexe, trampolinePage } from "../elf/index.ts";
import {
  addressesTaken,
  BlockGraph,
  callTargets,
  divide,
  divideFrom,
  entryBundles,
  findFlags,
  type Partition,
  planFunctions,
  type Roots,
  readUnreached,
  resolveJumps,
} from "./flow/index.ts";
import { type DataBytes, GuestText, MEMORY_BIAS } from "./guest/index.ts";
import { BUNDLE_SHIFT, ModuleBuilder, type ModuleTarget } from "./module-builder.ts";
import { NexeUntranslated, type Untranslated } from "./nexe-untranslated.ts";
import { ARGUMENTS } from "./thunks.ts";
import { TRAMPOLINES_START } from "./transfers.ts";
import type { TranslateOptions } from "./translate-options.ts";

/** Registers that a call of the sandbox takes or leaves in memory, but for rdi: that is passed. */
const ARGUMENT_SET = ARGUMENTS.reduce((set, register) => set | (1 << register), 0);
const ALL_REGISTERS = -1;
/** The number of the call that makes code, as programs have it among their constants. */
const JAIL = [0x4a, 0x61, 0x69, 0x6c];
const BUNDLE_BYTES = 1 << BUNDLE_SHIFT;

/** A module, and what its code was made of. */
export interface LocatedModule {
  readonly module: Uint8Array;
  /**
   * The guest address of the instruction that code was made of, in a function of the guest.
   * @param codeOffset bytes from the start of the function's code, behind its locals
   * @returns undefined for other functions, and where the module was not made for this
   */
  addressOf(functionIndex: number, codeOffset: number): number | undefined;
}

/** A module for one place, and the slot of the table `places` that it fills. */
export interface PlaceModule extends LocatedModule {
  readonly slot: number;
}

/**
 * What is translated while a program runs: modules that import from `guest` what the first one
 * exports, and each put a function into the table `places`. What a module does depends only on the
 * code and its place, not on what was translated before it.
 */
export interface FurtherCode {
  /** The first module once more. */
  first(): LocatedModule;
  /** A place of the text that was no function; undefined where no bundle of it begins. */
  more(address: number): PlaceModule | undefined;
  /** Code that the program made, which was found valid; it is copied. */
  made(bytes: Uint8Array, start: number): MadeCode;
}

/** Code that a program made while it ran. */
export interface MadeCode {
  /** As `more`, for a slot behind those of the text. */
  more(address: number, slot: number): PlaceModule | undefined;
}

/** A translated program, to which more may be added while it runs. */
export interface Translation extends Omit<FurtherCode, "first"> {
  /** The module, which exports `_start` and the guest's state. */
  readonly module: Uint8Array;
  /** Instructions that fault, as there is no translation of them. */
  readonly untranslated: readonly Untranslated[];
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
  const program = new Program(file, nexe, options, false);
  const { module } = program.first();
  const { untranslated } = program;
  if (untranslated.length > 0 && options.unsupported !== "fault") {
    throw new NexeUntranslated(untranslated);
  }
  return {
    module,
    untranslated,
    more: (address) => program.more(address),
    made: (bytes, start) => program.made(bytes, start),
  };
}

/** The same for a program that was translated before, of which more is needed. */
export function translateFurther(
  file: Uint8Array,
  nexe: Nexe,
  options: Pick<TranslateOptions, "strictMemory"> = {},
): FurtherCode {
  return new Program(file, nexe, options, true);
}

/** A program and what is known of its first module. */
class Program implements FurtherCode {
  readonly #nexe: Nexe;
  readonly #target: ModuleTarget;
  readonly #code: CodePart;
  readonly #data: readonly DataBytes[];
  readonly #textBytes: Uint8Array;
  #whole: ReturnType<CodePart["whole"]> | undefined;
  #known: ReadonlyMap<number, number> | undefined;
  readonly untranslated: Untranslated[] = [];

  constructor(file: Uint8Array, nexe: Nexe, options: TranslateOptions, keepsPlaces: boolean) {
    const { policy, entry, text, rodata, data } = nexe;
    const bytesOf = ({ fileOffset, fileBytes }: { fileOffset: number; fileBytes: number }) =>
      file.subarray(fileOffset, fileOffset + fileBytes);
    this.#nexe = nexe;
    this.#textBytes = bytesOf(text);
    this.#data = [rodata, data]
      .filter((segment) => segment !== undefined)
      .map((segment) => ({ address: segment.address, bytes: bytesOf(segment) }));
    const guestText = new GuestText(this.#textBytes, text.address);
    const tableStart = guestText.start;
    const slotCount = (guestText.end - tableStart) >> BUNDLE_SHIFT;
    const { exactNans = true, strictMemory = false } = options;
    const halts = { start: guestText.end, end: Math.max(guestText.end, nexe.paddedTextEnd) };
    const floatModes = guestText.has("ldmxcsr") || guestText.has("vldmxcsr");
    const choices = { exactNans, floatModes, strictMemory, keepsPlaces };
    this.#target = { policy, entry, ...choices, tableStart, slotCount, halts };
    this.#code = new CodePart(guestText, this.#data, [entry]);
  }

  first(): LocatedModule {
    const { graph, partition } = this.#divided();
    const alsoRead = this.#alsoRead(readUnreached(graph, partition));
    const builder = new ModuleBuilder(this.#target, { graph, partition, alsoRead, known: NONE });
    const module = builder.writeMain(this.#contents());
    this.untranslated.push(...builder.untranslated);
    return located(builder, module);
  }

  #divided(): ReturnType<CodePart["whole"]> {
    this.#whole ??= this.#code.whole();
    return this.#whole;
  }

  /** Functions that the table of the first module has, with the flags that they read. */
  #inFirst(): ReadonlyMap<number, number> {
    if (this.#known !== undefined) return this.#known;
    const { graph, partition } = this.#divided();
    const plans = planFunctions(graph, partition);
    const flags = findFlags(graph, plans);
    const heads = plans.map(({ head }) => [graph.addressOf(head), flags.get(head) ?? 0] as const);
    this.#known = new Map(heads.filter(([address]) => address % BUNDLE_BYTES === 0));
    return this.#known;
  }

  more(address: number): PlaceModule | undefined {
    const slot = (address - this.#target.tableStart) >> BUNDLE_SHIFT;
    return this.#code.more(address, slot, this.#target, this.#inFirst());
  }

  made(bytes: Uint8Array, start: number): MadeCode {
    const part = new CodePart(new GuestText(bytes, start, "goes on"), [], []);
    return { more: (address, slot) => part.more(address, slot, this.#target, NONE) };
  }

  /** Registers that code reads which is no part of the first module. */
  #alsoRead(unreached: number): number {
    const parts = [this.#textBytes, ...this.#data.map(({ bytes }) => bytes)];
    if (parts.some((bytes) => includes(bytes, JAIL))) return ALL_REGISTERS;
    return unreached | ARGUMENT_SET;
  }

  #contents(): DataBytes[] {
    const { text, paddedTextEnd } = this.#nexe;
    const padded = new Uint8Array(paddedTextEnd - text.address).fill(0xf4);
    padded.set(this.#textBytes);
    const parts = [
      { address: TRAMPOLINES_START, bytes: trampolinePage() },
      { address: text.address, bytes: padded },
      ...this.#data,
    ];
    return parts.map(({ address, bytes }) => ({ address: address - MEMORY_BIAS, bytes }));
  }
}

function located(builder: ModuleBuilder, module: Uint8Array): LocatedModule {
  return { module, addressOf: (index, codeOffset) => builder.addressOf(index, codeOffset) };
}

const NONE: ReadonlyMap<number, number> = new Map();

function includes(bytes: Uint8Array, wanted: readonly number[]): boolean {
  const [first = 0] = wanted;
  for (let at = bytes.indexOf(first); at >= 0; at = bytes.indexOf(first, at + 1)) {
    if (wanted.every((byte, index) => bytes[at + index] === byte)) return true;
  }
  return false;
}

/** Where control may go in a text, up to functions that are translated. */
interface Flow {
  readonly graph: BlockGraph;
  readonly origins: Partition["origins"];
  readonly walls: ReadonlySet<number>;
}

/** A text with the places where its blocks begin. */
class CodePart {
  readonly #text: GuestText;
  readonly #data: readonly DataBytes[];
  readonly #taken: ReadonlySet<number>;
  /** Where functions may begin. */
  readonly #bundles: ReadonlySet<number>;
  readonly #entries: readonly number[];
  /** That of all places which nothing falls into. */
  #forEntries: Flow | undefined;

  constructor(text: GuestText, data: readonly DataBytes[], entries: readonly number[]) {
    this.#text = text;
    this.#data = data;
    this.#taken = addressesTaken(text, data);
    this.#bundles = entryBundles(text);
    this.#entries = entries;
  }

  /** All of it, divided into functions. */
  whole(): { readonly graph: BlockGraph; readonly partition: Partition } {
    const graph = this.#graph([]);
    return { graph, partition: divide(graph, this.#roots(graph), this.#data) };
  }

  more(
    address: number,
    slot: number,
    target: ModuleTarget,
    known: ReadonlyMap<number, number>,
  ): PlaceModule | undefined {
    if (address % BUNDLE_BYTES !== 0 || this.#text.at(address) < 0) return undefined;
    // Which of the two it is depends on the text and the place alone.
    this.#forEntries ??= this.#flow(this.#bundles, known);
    const isEntry = this.#forEntries.graph.at(address) >= 0;
    const flow = isEntry ? this.#forEntries : this.#flow([address], known);
    const { graph, origins, walls } = flow;
    const start = graph.at(address);
    const partition = divideFrom(graph, start, origins, walls);
    // What runs next may be code of any other module.
    const alsoRead = ALL_REGISTERS;
    const builder = new ModuleBuilder(target, { graph, partition, alsoRead, known });
    return { ...located(builder, builder.writeMore(slot, start)), slot };
  }

  #flow(leaders: Iterable<number>, known: ReadonlyMap<number, number>): Flow {
    const graph = this.#graph(leaders);
    const origins = resolveJumps(graph, this.#roots(graph), this.#data);
    return { graph, origins, walls: blocksAt(graph, known.keys()) };
  }

  #graph(more: Iterable<number>): BlockGraph {
    const leaders = [...this.#taken, ...this.#entries, ...more].map((it) => this.#text.at(it));
    return new BlockGraph(
      this.#text,
      leaders.filter((at) => at >= 0),
    );
  }

  #roots(graph: BlockGraph): Roots {
    const called = blocksAt(graph, [...callTargets(graph), ...this.#entries]);
    const functions = [...this.#taken].filter((address) => this.#bundles.has(address));
    return { called, taken: blocksAt(graph, functions) };
  }
}

function blocksAt(graph: BlockGraph, addresses: Iterable<number>): Set<number> {
  return new Set([...addresses].map((address) => graph.at(address)).filter((it) => it >= 0));
}
