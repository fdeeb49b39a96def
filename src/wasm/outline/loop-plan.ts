import { OP, TYPE } from "../rewrite/index.ts";
import { type FuelCounter, type FuelHead, fuelHeadOf } from "./fuel-head.ts";
import { type Construct, type FunctionCode, labelTypes } from "./function-code.ts";
import type { FunctionType, ValueType } from "./function-type.ts";
import { Liveness } from "./liveness.ts";
import { LocalSets } from "./local-sets.ts";

/** Loops that lie deeper stay as they are: their code would be there once more for each level. */
const NEST_MAX = 5;
/** What a call of an outlined loop may carry in and out; more costs more than it gives. */
const PARAMETERS_MAX = 100;
const RESULTS_MAX = 100;
/** Ways out of a loop; one with more is a state machine that is better left alone. */
const EXITS_MAX = 200;

/** A loop that becomes a function. */
export interface LoopPlan {
  /** The construct. */
  readonly loop: number;
  /** The function that it becomes. */
  readonly functionIndex: number;
  /** Locals that go in. */
  readonly parameters: readonly number[];
  /** Locals that come out, before the slots and the code of the exit. */
  readonly results: readonly number[];
  /** Types of the values that exits carry: as many of each type as the exit that has most. */
  readonly slots: readonly ValueType[];
  /** Where the loop can lead to; the code of an exit is its position, counted from one. */
  readonly exits: readonly number[];
  readonly type: FunctionType;
  /** Where its calls are bounded by the fuel that the meter counts: how it does that. */
  readonly fuel?: FuelHead;
}

/** The exit at the end of a loop, as a number beside those of the constructs. */
export function endOf(loop: number): number {
  return -1 - loop;
}

/** What values go along to an exit. */
export function exitTypes(code: FunctionCode, exit: number): readonly ValueType[] {
  if (exit < 0) return code.constructs[endOf(exit)]?.results ?? [];
  const construct = code.constructs[exit];
  return construct === undefined ? [] : labelTypes(construct);
}

/**
 * Plans the loops of a function that can be moved, outer ones before those within them.
 * @param firstFunction index of the first function that is added
 * @param counter of the fuel, in a module that counts it
 */
export function planLoops(
  code: FunctionCode,
  firstFunction: number,
  counter?: FuelCounter,
): ReadonlyMap<number, LoopPlan> {
  const plans = new Map<number, LoopPlan>();
  const liveness = Liveness.of(code);
  if (liveness === undefined) return plans;
  const facts = new LoopFacts(code);
  for (const loop of facts.movable()) {
    const plan = makePlan(code, liveness, facts, {
      loop,
      functionIndex: firstFunction + plans.size,
    });
    if (plan === undefined) continue;
    const fuel = counter === undefined ? undefined : fuelHeadOf(code, loop, counter);
    plans.set(loop, { ...plan, ...(fuel !== undefined && { fuel }) });
  }
  return plans;
}

function makePlan(
  code: FunctionCode,
  liveness: Liveness,
  facts: LoopFacts,
  name: Pick<LoopPlan, "loop" | "functionIndex">,
): LoopPlan | undefined {
  const exits = facts.exitsOf(name.loop);
  const atHead = liveness.atLabel(name.loop);
  const leaving = exits.map((exit) =>
    exit < 0 ? liveness.behind(name.loop) : liveness.atLabel(exit),
  );
  const rows = [...new Set([atHead, ...leaving])];
  const parameters: number[] = [];
  const results: number[] = [];
  for (const local of facts.mentionedIn(name.loop)) {
    if (liveness.sets.has(atHead, local)) parameters.push(local);
    if (!facts.isWrittenIn(name.loop, local)) continue;
    if (rows.some((row) => liveness.sets.has(row, local))) results.push(local);
  }
  const slots = slotsOf(exits.map((exit) => exitTypes(code, exit)));
  if (parameters.length > PARAMETERS_MAX || exits.length > EXITS_MAX) return undefined;
  if (results.length + slots.length > RESULTS_MAX) return undefined;
  const typeOf = (local: number): ValueType => code.locals[local] ?? 0;
  const type = {
    parameters: parameters.map(typeOf),
    results: [...results.map(typeOf), ...slots, TYPE.I32],
  };
  return { ...name, parameters, results, slots, exits, type };
}

function slotsOf(carried: readonly (readonly ValueType[])[]): ValueType[] {
  const most = new Map<ValueType, number>();
  for (const types of carried) {
    for (const type of types) {
      const count = types.filter((it) => it === type).length;
      most.set(type, Math.max(count, most.get(type) ?? 0));
    }
  }
  return [...most].flatMap(([type, count]) => new Array<ValueType>(count).fill(type));
}

interface LoopFact {
  readonly exits: Set<number>;
  /** Whether it lies too deep, or takes values from the stack. */
  readonly isLeft: boolean;
  /** Whether something within it has to stay in this function. */
  isBound: boolean;
}

/** What is known of each loop after one walk over the body. */
class LoopFacts {
  readonly #code: FunctionCode;
  readonly #facts = new Map<number, LoopFact>();
  /** Rows of locals that are read or written, by the number of the loop. */
  readonly #mentioned: LocalSets;
  readonly #written: LocalSets;

  constructor(code: FunctionCode) {
    this.#code = code;
    const { constructs, locals } = code;
    this.#mentioned = new LocalSets(constructs.length, locals.length);
    this.#written = new LocalSets(constructs.length, locals.length);
    for (const [number, construct] of constructs.entries()) {
      if (construct.kind !== "loop") continue;
      const exits = new Set<number>();
      if (construct.fallsThrough) exits.add(endOf(number));
      const isLeft = construct.parameters.length > 0 || nestOf(constructs, number) > NEST_MAX;
      this.#facts.set(number, { exits, isLeft, isBound: false });
    }
    this.#walk();
  }

  /** Loops that can be moved, outer ones first. */
  movable(): number[] {
    const facts = [...this.#facts];
    return facts.filter(([, fact]) => !fact.isLeft && !fact.isBound).map(([loop]) => loop);
  }

  exitsOf(loop: number): number[] {
    return [...(this.#facts.get(loop)?.exits ?? [])];
  }

  mentionedIn(loop: number): number[] {
    return this.#mentioned.members(loop);
  }

  isWrittenIn(loop: number, local: number): boolean {
    return this.#written.has(loop, local);
  }

  #walk(): void {
    const { opcodes, operands, constructs } = this.#code;
    let loop = -1;
    for (let index = 0; index < opcodes.length; index++) {
      const operand = operands[index] ?? 0;
      const opcode = opcodes[index] ?? 0;
      if (opcode === OP.LOOP) loop = operand;
      else if (loop < 0) continue;
      else if (opcode !== OP.END) this.#note(loop, index, opcode, operand);
      else if (operand === loop) loop = constructs[loop]?.outerLoop ?? -1;
    }
    this.#spread();
  }

  #note(loop: number, index: number, opcode: number, operand: number): void {
    switch (opcode) {
      case OP.LOCAL_SET:
      case OP.LOCAL_TEE:
        this.#written.add(loop, operand);
        this.#mentioned.add(loop, operand);
        return;
      case OP.LOCAL_GET:
        this.#mentioned.add(loop, operand);
        return;
    }
    const fact = this.#facts.get(loop);
    if (fact !== undefined) this.#noteWay(fact, index, opcode, operand);
  }

  #noteWay(fact: LoopFact, index: number, opcode: number, operand: number): void {
    switch (opcode) {
      case OP.BR:
      case OP.BR_IF:
        fact.exits.add(operand);
        return;
      case OP.BR_TABLE:
        this.#noteTable(fact, this.#code.tables.get(index) ?? []);
        return;
      case OP.RETURN:
        fact.exits.add(0);
        return;
      case OP.RETURN_CALL:
      case OP.RETURN_CALL_INDIRECT:
        // The frame below has to go as well, and a call cannot take it along.
        fact.isBound = true;
        return;
    }
  }

  #noteTable(fact: LoopFact, targets: readonly number[]): void {
    for (const target of targets) fact.exits.add(target);
    const construct = this.#code.constructs[targets[0] ?? 0];
    if (construct !== undefined && labelTypes(construct).length > 0) fact.isBound = true;
  }

  /** Takes what inner loops do into the loops around them; inner ones have higher numbers. */
  #spread(): void {
    const inward = [...this.#facts].reverse();
    for (const [loop, fact] of inward) {
      for (const exit of fact.exits) {
        if (exit >= loop) fact.exits.delete(exit);
      }
      const outerLoop = this.#code.constructs[loop]?.outerLoop ?? -1;
      const outer = this.#facts.get(outerLoop);
      if (outer === undefined) continue;
      this.#mentioned.unite(outerLoop, loop);
      this.#written.unite(outerLoop, loop);
      for (const exit of fact.exits) {
        if (exit >= 0) outer.exits.add(exit);
      }
      outer.isBound ||= fact.isBound;
    }
  }
}

/** How many loops are around an instruction of the loop, itself included. */
function nestOf(constructs: readonly Construct[], loop: number): number {
  let nest = 0;
  for (let outer = loop; outer >= 0; outer = constructs[outer]?.outerLoop ?? -1) nest++;
  return nest;
}
