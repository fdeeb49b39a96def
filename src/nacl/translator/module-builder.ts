import { TYPE } from "../../wasm/rewrite/index.ts";
import {
  NACL_ENTRY_STATE,
  type NexePolicy,
  TRAMPOLINE_COUNT,
  ZEROVM_ENTRY_STATE,
} from "../elf/index.ts";
import { mnemonicOf } from "../x86/index.ts";
import { buildFunction } from "./build-function.ts";
import { checkedParameters, type HelperName, helperOf, writeCheckedStore } from "./emit/index.ts";
import {
  type BlockGraph,
  findLiveness,
  PASSED,
  type Partition,
  planFunctions,
  type Traffic,
} from "./flow/index.ts";
import { type DataBytes, GLOBALS, UPPER_GLOBALS } from "./guest/index.ts";
import type { Untranslated } from "./nexe-untranslated.ts";
import { startFunction } from "./start-function.ts";
import {
  type AddressRange,
  flagsThunk,
  haltThunk,
  missThunk,
  outsideThunk,
  placeThunk,
  syscallThunk,
  TABLE,
  type ThunkScope,
  trapThunk,
} from "./thunks.ts";
import { type ProgramScope, TRAMPOLINES_START } from "./transfers.ts";
import {
  Code,
  type ElementRun,
  type FunctionBody,
  type FunctionImport,
  type StoreChecks,
  type StoreInstruction,
  TypeTable,
  writeModule,
} from "./wasm/index.ts";

const MEMORY_PAGES = 65535;
/** The logarithm of the bytes of a bundle. */
export const BUNDLE_SHIFT = 5;

/** The name of a further module, by the slot that it fills. */
export function placeName(slot: number): string {
  return `place-${slot}`;
}

/** The program that a module is written for. */
export interface ModuleTarget {
  readonly policy: NexePolicy;
  readonly entry: number;
  /** See `TranslateOptions`. */
  readonly exactNans: boolean;
  /** See `ModuleScope`. */
  readonly floatModes: boolean;
  /** See `TranslateOptions`. */
  readonly strictMemory: boolean;
  /** See `ProgramScope`. */
  readonly keepsPlaces: boolean;
  /** Address of its text, which has the first slot of the tables. */
  readonly tableStart: number;
  /** Slots of the tables that are for addresses of its text. */
  readonly slotCount: number;
  /** HLTs that fill up the last page of the text. */
  readonly halts: AddressRange;
}

/** What a module is written from. */
export interface ModuleSource {
  readonly graph: BlockGraph;
  readonly partition: Partition;
  /** Registers that something outside of the module reads. */
  readonly alsoRead: number;
  /** Addresses of functions of other modules, with the flags that they read. */
  readonly known: ReadonlyMap<number, number>;
}

/** Collects the functions of one module. */
export class ModuleBuilder implements ProgramScope, StoreChecks {
  readonly graph: BlockGraph;
  readonly partition: Partition;
  readonly traffic: Traffic;
  readonly functionType: number;
  readonly rdtscIsRefused: boolean;
  readonly hasUpperHalves: boolean;
  readonly exactNans: boolean;
  readonly floatModes: boolean;
  readonly keepsPlaces: boolean;
  readonly untranslated: Untranslated[] = [];
  readonly tableStart: number;
  readonly slotCount: number;
  faultFunction = 0;
  readonly #target: ModuleTarget;
  readonly #types = new TypeTable();
  readonly #imports: FunctionImport[] = [];
  readonly #functions: (FunctionBody | undefined)[] = [];
  readonly #byHead = new Map<number, number>();
  readonly #helpers = new Map<string, number>();
  readonly #plans;
  /** Functions that check stores, by what they store; undefined where nobody asked. */
  readonly #checked: Map<string, number> | undefined;
  #denied = 0;
  #trampolines: { trap?: number; syscall?: number; halt?: number } = {};

  constructor(target: ModuleTarget, { graph, partition, alsoRead, known }: ModuleSource) {
    this.#target = target;
    this.tableStart = target.tableStart;
    this.slotCount = target.slotCount;
    this.#checked = target.strictMemory ? new Map() : undefined;
    this.graph = graph;
    this.partition = partition;
    this.rdtscIsRefused = target.policy === "zerovm";
    this.hasUpperHalves = target.policy === "nacl";
    this.exactNans = target.exactNans;
    this.floatModes = target.floatModes;
    this.keepsPlaces = target.keepsPlaces;
    this.#plans = planFunctions(graph, partition);
    const flags = new Map([...known].map(([address, live]) => [graph.at(address), live]));
    this.traffic = findLiveness(graph, partition, this.#plans, alsoRead, flags);
    const passed = PASSED.map(() => TYPE.I64);
    this.functionType = this.#types.index(passed, [TYPE.I32, ...passed]);
  }

  helper(name: HelperName): number {
    return this.routine(name);
  }

  routine(name: string): number {
    let index = this.#helpers.get(name);
    if (index !== undefined) return index;
    const { parameters, results, write } = helperOf(name);
    const code = new Code(parameters.length, undefined, this.checks);
    index = this.#add(this.#types.index(parameters, results), code);
    this.#helpers.set(name, index);
    write(code, this);
    return index;
  }

  get checks(): StoreChecks | undefined {
    return this.#checked && this;
  }

  functionFor(instruction: StoreInstruction): number | undefined {
    const parameters = checkedParameters(instruction);
    if (parameters === undefined) return undefined;
    const { kind, number, lane } = instruction;
    const key = `${kind} ${number} ${lane}`;
    let index = this.#checked?.get(key);
    if (index !== undefined) return index;
    const code = new Code(parameters.length);
    index = this.#add(this.#types.index(parameters, []), code);
    this.#checked?.set(key, index);
    const functionFor = (it: StoreInstruction) => this.functionFor(it);
    writeCheckedStore(code, instruction, { denied: this.#denied, functionFor });
    return index;
  }

  refuse(address: number, form: Parameters<ProgramScope["refuse"]>[1]): void {
    this.untranslated.push({ address, instruction: mnemonicOf(form, 8) });
  }

  functionAt(address: number): number | undefined {
    const slot = (address - TRAMPOLINES_START) >> BUNDLE_SHIFT;
    if (slot === 0) return this.#trampolines.trap;
    if (slot === TRAMPOLINE_COUNT) return this.#trampolines.halt;
    if (slot > 0 && slot < TRAMPOLINE_COUNT) return this.#trampolines.syscall;
    return this.#byHead.get(this.graph.at(address));
  }

  /** See `LocatedModule`. */
  addressOf(functionIndex: number, codeOffset: number): number | undefined {
    const body = this.#functions[functionIndex - this.#imports.length];
    return body?.code.places?.at(codeOffset);
  }

  /** The module that a program begins in. */
  writeMain(data: readonly DataBytes[]): Uint8Array {
    const { tableStart, slotCount } = this;
    const thunks = this.#importAll();
    const trap = this.#add(this.functionType, trapThunk(thunks));
    const syscall = this.#add(this.functionType, syscallThunk(thunks));
    const miss = this.#add(this.functionType, missThunk());
    const place = this.#add(this.functionType, placeThunk(thunks));
    const halt = this.#add(this.functionType, haltThunk(thunks));
    this.#trampolines = { trap, syscall, halt };
    this.#build();
    const { entry, policy } = this.#target;
    const first = this.functionAt(entry) ?? miss;
    const state = policy === "zerovm" ? ZEROVM_ENTRY_STATE : NACL_ENTRY_STATE;
    const code = startFunction(thunks, { entry, first, place, state });
    const start = this.#add(this.#types.index([], []), code);
    const slots = new Array<number>(slotCount + 1).fill(miss);
    slots[slotCount] = this.#add(this.functionType, outsideThunk({ trap, syscall, halt, miss }));
    for (const [head, index] of this.#byHead) {
      const address = this.graph.addressOf(head);
      if (address % 32 !== 0) continue;
      const readsFlags = (this.traffic.flags.get(head) ?? 0) !== 0;
      const entry = readsFlags ? this.#add(this.functionType, flagsThunk(address, index)) : index;
      slots[(address - tableStart) >> BUNDLE_SHIFT] = entry;
    }
    const elements = [{ table: TABLE.FUNCTIONS, offset: 0, functions: slots }];
    return this.#write(elements, data, [["_start", start]]);
  }

  /**
   * A further module, which puts the function of the block `start` into a slot for places and is
   * named by it.
   */
  writeMore(slot: number, start: number): Uint8Array {
    this.#importAll();
    this.#build();
    const index = this.#byHead.get(start) ?? 0;
    const elements = [{ table: TABLE.PLACES, offset: slot, functions: [index] }];
    return this.#write(elements, [], [], placeName(slot));
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
    const syscall = add("syscall", [I32, I32, I32, I32, I32, I32, I32], [I32]);
    const unknown = add("unknown", [I32], [I32]);
    this.faultFunction = add("fault", [I32, I32], []);
    if (this.#checked !== undefined) this.#denied = add("denied", [I32, I32], []);
    const { functionType, tableStart, slotCount, faultFunction: fault } = this;
    return {
      functionType,
      tableStart,
      slotCount,
      trap,
      syscall,
      unknown,
      fault,
      halts: this.#target.halts,
    };
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
    name?: string,
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
      globals: this.hasUpperHalves ? [...GLOBALS, ...UPPER_GLOBALS] : GLOBALS,
      functions: this.#functions.filter((body) => body !== undefined),
      exports,
      elements,
      data,
      ...(name !== undefined && { name }),
    });
  }
}
