import type { Edit, ModuleShape } from "../index.ts";
import {
  BodyCursor,
  ByteWriter,
  ModuleDraft,
  ModuleTypes,
  type NewBody,
  OP,
  TYPE,
} from "../rewrite/index.ts";
import { Bodies } from "./bodies.ts";
import { findEnteredOnce, type WalkBounds } from "./entered-once.ts";
import { floorsOf } from "./fuel-floors.ts";
import type { FuelCounter } from "./fuel-head.ts";
import { decodeFunction } from "./function-code.ts";
import { type FunctionType, functionTypeOf } from "./function-type.ts";
import { Heat } from "./heat.ts";
import { type LoopPlan, planLoops } from "./loop-plan.ts";
import type { Rounds } from "./scene.ts";
import { LoopWriter } from "./write-loops.ts";

/** What the pass may be told; everything has a value of its own. */
export interface OutlineOptions extends Partial<Rounds>, Partial<WalkBounds> {
  /** Exports from which the program is entered. */
  readonly entries?: readonly string[];
  /** The functions whose loops are moved; else `chooseFunctions` says which. */
  readonly functions?: readonly number[];
  /** The global in which the meter counts fuel, where it does. */
  readonly fuelGlobal?: number;
  /** Changes to sections without code, such as the limits of memories, that come along. */
  readonly edits?: readonly Edit[];
  /**
   * The host has a loop optimised when it is told that it has gone round often: see `HEAT_EXPORTS`.
   * Then the call of its function lasts to the end of the loop, in which nothing is counted.
   */
  readonly heats?: boolean;
  /** New code that may be added, in bytes: where it is used up, later functions stay. */
  readonly addedBytesMax?: number;
}

type Settled = Required<Omit<OutlineOptions, "functions" | "fuelGlobal">> &
  Pick<OutlineOptions, "fuelGlobal">;

/** See `RATIONALE.md`: what each of these was measured with. */
const DEFAULTS: Settled = {
  entries: ["_start"],
  edits: [],
  heats: false,
  inPlace: 1_000,
  inCall: 4_000,
  unitsInCall: 100_000,
  callDepthMax: 5,
  codeBytesMax: 12_288,
  bodyBytesMax: 65_536,
  smallBytesMax: 3_072,
  busyLoopMin: 200,
  longLoopMin: Number.POSITIVE_INFINITY,
  addedBytesMax: 131_072,
};

/** Functions that engines allow in a module. */
const FUNCTIONS_MAX = 1_000_000;

/**
 * Moves loops of functions that are entered once into functions of their own, which are called
 * again and again: an engine that replaces code only at calls then comes to replace it. The
 * module does exactly what it did, traps included. Code that names functions, types or globals
 * which are not there could come to name what is added: let the meter check every index before.
 * @returns the same array where there is nothing to move
 */
export function outlineLoops(
  bytes: Uint8Array,
  shape: ModuleShape,
  options: OutlineOptions = {},
): Uint8Array {
  const settled = { ...DEFAULTS, ...options };
  const cursor = new BodyCursor(bytes);
  const bodies = new Bodies(bytes, shape);
  const functions = options.functions ?? enteredOnce(cursor, bodies, shape, settled);
  if (functions.length === 0 && settled.edits.length === 0) return bytes;
  const pass = new OutlinePass(cursor, bodies, shape, settled);
  for (const functionIndex of functions) pass.outline(functionIndex);
  return pass.write() ?? bytes;
}

/**
 * The functions whose loops are worth moving. Other passes keep the indices of functions and make
 * code longer: what was chosen from the original module serves for the one that they made.
 */
export function chooseFunctions(
  bytes: Uint8Array,
  shape: ModuleShape,
  options: OutlineOptions = {},
): number[] {
  const settled = { ...DEFAULTS, ...options };
  return enteredOnce(new BodyCursor(bytes), new Bodies(bytes, shape), shape, settled);
}

function enteredOnce(
  cursor: BodyCursor,
  bodies: Bodies,
  shape: ModuleShape,
  settled: Settled,
): number[] {
  return findEnteredOnce(cursor, bodies, entriesOf(shape, settled.entries), settled);
}

function entriesOf(shape: ModuleShape, names: readonly string[]): number[] {
  const exported = shape.exports.filter((it) => it.kind === "function" && names.includes(it.name));
  const started = shape.startFunction === undefined ? [] : [shape.startFunction];
  return [...started, ...exported.map((it) => it.index)];
}

class OutlinePass {
  readonly #options: Settled;
  readonly #types: ModuleTypes;
  readonly #cursor: BodyCursor;
  readonly #bodies: Bodies;
  readonly #draft: ModuleDraft;
  readonly #replaced: NewBody[] = [];
  /** Index of the next function that is added. */
  #nextFunction: number;
  #addedBytes = 0;
  #openCalls: number | undefined;
  #heat: Heat | undefined;

  constructor(cursor: BodyCursor, bodies: Bodies, shape: ModuleShape, options: Settled) {
    this.#options = options;
    this.#types = new ModuleTypes(cursor.bytes, shape);
    this.#cursor = cursor;
    this.#bodies = bodies;
    this.#draft = new ModuleDraft(cursor.bytes, shape, this.#types);
    this.#nextFunction = this.#types.functionCount;
  }

  /** @returns the new module, or undefined where nothing changed */
  write(): Uint8Array | undefined {
    const { edits } = this.#options;
    if (this.#replaced.length === 0 && edits.length === 0) return undefined;
    this.#heat?.finish();
    if (this.#replaced.length > 0) this.#draft.replaceBodies(this.#replaced);
    this.#draft.edit(edits);
    return this.#draft.write();
  }

  /** Moves the loops of one function, where they can be moved. */
  outline(index: number): void {
    if (this.#addedBytes > this.#options.addedBytesMax) return;
    const body = this.#bodies.find(index);
    const type = this.#typeAt(this.#types.ofFunction(index, 0));
    if (body === undefined || type === undefined) return;
    const code = decodeFunction(this.#cursor, body, type, (at) => this.#typeAt(at));
    if (code === undefined) return;
    const heat = this.#heatOfModule();
    const plans = planLoops(code, this.#nextFunction, this.#counter());
    if (plans.size === 0 || this.#nextFunction + plans.size > FUNCTIONS_MAX) return;
    for (const { functionIndex } of plans.values()) heat?.addLoop(functionIndex);
    const openCalls = this.#openCallsGlobal();
    const writer = new LoopWriter(code, plans, { rounds: this.#options, openCalls, heat });
    const size = body.end - body.start;
    const replaced = new ByteWriter(size + 256);
    replaced.sized(size, () => writer.writeOriginal(replaced, type.parameters.length));
    this.#replaced.push({ ...body, bytes: replaced.written() });
    for (const plan of plans.values()) this.#add(writer, plan);
  }

  /** Loops that cost much keep their checks: below a floor there has to be enough for a turn. */
  #counter(): FuelCounter | undefined {
    const { fuelGlobal, unitsInCall, heats } = this.#options;
    if (fuelGlobal === undefined || heats) return undefined;
    return { globalIndex: fuelGlobal, costMax: floorsOf(unitsInCall).costMax };
  }

  #heatOfModule(): Heat | undefined {
    if (!this.#options.heats || this.#heat !== undefined) return this.#heat;
    this.#heat = new Heat(this.#draft);
    // It has a function of its own.
    this.#nextFunction++;
    return this.#heat;
  }

  #openCallsGlobal(): number {
    this.#openCalls ??= this.#draft.addGlobal(TYPE.I32, (out) =>
      out.all([OP.I32_CONST, 0, OP.END]),
    );
    return this.#openCalls;
  }

  #add(writer: LoopWriter, plan: LoopPlan): void {
    const { parameters, results } = plan.type;
    const type = this.#draft.functionType(parameters, results);
    let offsets: readonly number[] = [];
    const functionIndex = this.#draft.addFunction(type, (out) => {
      const start = out.at;
      offsets = writer.writeOutlined(out, plan);
      this.#addedBytes += out.at - start;
    });
    this.#draft.addHints({ functionIndex, offsets });
    this.#nextFunction = functionIndex + 1;
  }

  #typeAt(index: number): FunctionType | undefined {
    return functionTypeOf(this.#types.arity(index, 0));
  }
}
