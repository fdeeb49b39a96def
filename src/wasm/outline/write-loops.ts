import { type ByteWriter, OP } from "../rewrite/index.ts";
import {
  addToGlobal,
  constant,
  constant64,
  copyBelow,
  countAbove,
  depthOf,
  I32_AND,
  I32_EQ,
  I64_GE_S,
  isRewritten,
  op,
  opIndex,
} from "./emit.ts";
import { Frame } from "./frame.ts";
import { floorsOf, setFloor } from "./fuel-floors.ts";
import type { FuelHead } from "./fuel-head.ts";
import { type Construct, type FunctionCode, labelTypes } from "./function-code.ts";
import type { ValueType } from "./function-type.ts";
import { endOf, exitTypes, type LoopPlan } from "./loop-plan.ts";
import { isRare } from "./rare-branches.ts";
import { NO_TARGET, OUT, type Rounds, type Scene } from "./scene.ts";

const VOID = 0x40;
const I32 = 0x7f;

/**
 * Calls of outlined loops that may be open at once. A program that comes back to a function from
 * within its loop, again and again, would else need more stack for each time than it did before.
 */
const OPEN_CALLS_MAX = 6;

/**
 * Writes a function anew, and one more for each of its loops that is planned. A loop goes round
 * in place until its function has seen many rounds; from then on, each call of its own function
 * does a bounded number, so that the engine has many calls at which to put better code in place.
 */
export class LoopWriter {
  readonly #code: FunctionCode;
  readonly #plans: ReadonlyMap<number, LoopPlan>;
  readonly #rounds: Rounds;

  readonly #openCalls: number;

  /** @param openCalls the global that counts how many calls of outlined loops are open */
  constructor(
    code: FunctionCode,
    plans: ReadonlyMap<number, LoopPlan>,
    rounds: Rounds,
    openCalls: number,
  ) {
    this.#code = code;
    this.#plans = plans;
    this.#rounds = rounds;
    this.#openCalls = openCalls;
  }

  /** The function itself. */
  writeOriginal(into: ByteWriter, parameterCount: number): void {
    const { locals, opcodes } = this.#code;
    const frame = new Frame([0], parameterCount, locals.slice(parameterCount));
    const [passes, scratch] = [frame.addLocal(I32), frame.addLocal(I32)];
    this.#range({ frame, passes, scratch, patience: this.#rounds.inPlace }, 0, opcodes.length);
    frame.finish(into);
  }

  /**
   * The function of one loop.
   * @returns offsets in its body of branches that are rarely taken
   */
  writeOutlined(into: ByteWriter, plan: LoopPlan): readonly number[] {
    const numbers = new Map(plan.parameters.map((local, position) => [local, position]));
    const frame = new Frame([NO_TARGET, OUT], plan.parameters.length, [], numbers);
    const [passes, scratch, exitCode] = [I32, I32, I32].map((type) => frame.addLocal(type));
    const patience = this.#rounds.inCall + this.#rounds.inPlace;
    const outlined = { plan, exitCode: exitCode ?? 0 };
    const scene = { frame, passes: passes ?? 0, scratch: scratch ?? 0, patience, outlined };
    this.#outlined(scene, plan);
    return frame.finish(into);
  }

  #outlined(scene: Scene, plan: LoopPlan): void {
    const { frame } = scene;
    const { writer, labels } = frame;
    const { loop, results, slots } = plan;
    const construct = this.#construct(loop);
    const floors = this.#setFloors(frame, plan);
    op(writer, OP.BLOCK, VOID);
    this.#open(scene, OP.LOOP, construct, loop);
    if (floors === undefined) countAbove(writer, scene.passes, this.#rounds.inCall);
    else this.#isBelow(frame, plan, floors.outer);
    // The exit code is still zero: go on with the loop.
    opIndex(writer, OP.BR_IF, depthOf(labels, OUT));
    if (floors === undefined) this.#range(scene, construct.head + 1, construct.tail);
    else this.#uncheckedRange({ ...scene, innerFloor: floors.inner }, plan);
    this.#close(scene);
    if (construct.fallsThrough) this.#leave(scene, endOf(loop));
    else writer.byte(OP.UNREACHABLE);
    op(writer, OP.END);
    for (const local of results) opIndex(writer, OP.LOCAL_GET, this.#local(frame, local));
    for (const slot of frame.slotsFor(slots)) opIndex(writer, OP.LOCAL_GET, slot);
    opIndex(writer, OP.LOCAL_GET, scene.outlined?.exitCode ?? 0);
    op(writer, OP.END);
  }

  /** A loop in place: after enough passes its head calls the function that goes on with it. */
  #planned(scene: Scene, plan: LoopPlan): void {
    const { frame } = scene;
    const construct = this.#construct(plan.loop);
    if (construct.fallsThrough) this.#open(scene, OP.BLOCK, construct, endOf(plan.loop));
    this.#open(scene, OP.LOOP, construct, plan.loop);
    const { fuel } = plan;
    const floor = fuel === undefined ? undefined : scene.innerFloor;
    if (floor === undefined) countAbove(frame.writer, scene.passes, scene.patience);
    else this.#isBelow(frame, plan, floor);
    frame.markRare();
    this.#openIf(frame);
    this.#canCall(frame, plan);
    this.#openIf(frame);
    this.#call(scene, plan);
    this.#dispatch(scene, plan);
    this.#close(scene);
    if (floor !== undefined && fuel !== undefined) this.#endWithoutFuel(scene, construct, fuel);
    this.#close(scene);
    if (floor === undefined) this.#range(scene, construct.head + 1, construct.tail);
    else this.#uncheckedRange(scene, plan);
    this.#close(scene);
    if (construct.fallsThrough) this.#close(scene);
  }

  /** Leaves on the stack whether one more call may be open. */
  #canCall(frame: Frame, { fuel }: LoopPlan): void {
    const { writer } = frame;
    opIndex(writer, OP.GLOBAL_GET, this.#openCalls);
    constant(writer, OPEN_CALLS_MAX);
    op(writer, OP.I32_LT_U);
    if (fuel === undefined) return;
    opIndex(writer, OP.LOCAL_GET, this.#local(frame, fuel.local));
    constant64(writer, floorsOf(this.#rounds.unitsInCall).least);
    op(writer, I64_GE_S);
    op(writer, I32_AND);
  }

  /**
   * Sets how much fuel has to be left, so that the head of a loop asks for it and for the end of
   * the call at once.
   */
  #setFloors(frame: Frame, { fuel }: LoopPlan): { outer: number; inner: number } | undefined {
    if (fuel === undefined) return undefined;
    const { outer, inner } = floorsOf(this.#rounds.unitsInCall);
    const local = this.#local(frame, fuel.local);
    return { outer: setFloor(frame, local, outer), inner: setFloor(frame, local, inner) };
  }

  #isBelow(frame: Frame, { fuel }: LoopPlan, floor: number): void {
    opIndex(frame.writer, OP.LOCAL_GET, this.#local(frame, fuel?.local ?? 0));
    opIndex(frame.writer, OP.LOCAL_GET, floor);
    op(frame.writer, OP.I64_LT_S);
  }

  /** The body of a loop, whose floor says that there is enough for one turn. */
  #uncheckedRange(scene: Scene, { loop, fuel }: LoopPlan): void {
    const { head, tail } = this.#construct(loop);
    this.#range(scene, head + 1, fuel?.check ?? head + 1);
    this.#range(scene, fuel?.end ?? head + 1, tail);
  }

  /** Where there is not enough for one turn, the session ends as the meter has it. */
  #endWithoutFuel(scene: Scene, { head }: Construct, { local, check, end }: FuelHead): void {
    const { frame } = scene;
    opIndex(frame.writer, OP.LOCAL_GET, this.#local(frame, local));
    this.#range(scene, head + 2, head + 3);
    op(frame.writer, OP.I64_LT_S);
    frame.markRare();
    this.#openIf(frame);
    this.#range(scene, head + 1, check);
    this.#range(scene, check, end);
    this.#close(scene);
  }

  #call({ frame, scratch }: Scene, plan: LoopPlan): void {
    const { writer } = frame;
    for (const local of plan.parameters) opIndex(writer, OP.LOCAL_GET, this.#local(frame, local));
    addToGlobal(writer, this.#openCalls, 1);
    opIndex(writer, OP.CALL, plan.functionIndex);
    addToGlobal(writer, this.#openCalls, -1);
    const locals = plan.results.map((local) => this.#local(frame, local));
    const taken = [...locals, ...frame.slotsFor(plan.slots), scratch];
    for (const local of taken.reverse()) opIndex(writer, OP.LOCAL_SET, local);
  }

  #openIf(frame: Frame): void {
    op(frame.writer, OP.IF, VOID);
    frame.labels.push(NO_TARGET);
  }

  /** Goes where the call that has returned says. */
  #dispatch(scene: Scene, { loop, exits }: LoopPlan): void {
    const { frame, scratch } = scene;
    const { writer } = frame;
    if (exits.length === 0) {
      opIndex(writer, OP.BR, depthOf(frame.labels, loop));
      return;
    }
    opIndex(writer, OP.LOCAL_GET, scratch);
    op(writer, OP.I32_EQZ);
    opIndex(writer, OP.BR_IF, depthOf(frame.labels, loop));
    for (const [position, exit] of exits.entries()) {
      const isLast = position === exits.length - 1;
      if (!isLast) this.#openIfCode(frame, scratch, position + 1);
      const types = exitTypes(this.#code, exit);
      for (const slot of frame.slotsFor(types)) opIndex(writer, OP.LOCAL_GET, slot);
      this.#branch(scene, exit, types);
      if (!isLast) this.#close(scene);
    }
  }

  #openIfCode(frame: Frame, scratch: number, exitCode: number): void {
    opIndex(frame.writer, OP.LOCAL_GET, scratch);
    constant(frame.writer, exitCode);
    op(frame.writer, I32_EQ);
    this.#openIf(frame);
  }

  /** Writes the instructions from one index up to another. */
  #range(scene: Scene, from: number, to: number): void {
    const { opcodes, operands, offsets, bytes } = this.#code;
    const { writer } = scene.frame;
    let copied = from;
    for (let index = from; index < to; index++) {
      if (!isRewritten(opcodes[index] ?? 0, scene.frame.isOriginal)) continue;
      writer.copy(bytes, offsets[copied] ?? 0, offsets[index] ?? 0);
      const plan = opcodes[index] === OP.LOOP ? this.#plans.get(operands[index] ?? 0) : undefined;
      if (plan === undefined) this.#instruction(scene, index);
      else {
        this.#planned(scene, plan);
        index = this.#construct(plan.loop).tail;
      }
      copied = index + 1;
    }
    writer.copy(bytes, offsets[copied] ?? 0, offsets[to] ?? 0);
  }

  #instruction(scene: Scene, index: number): void {
    const { frame } = scene;
    const opcode = this.#code.opcodes[index] ?? 0;
    const operand = this.#code.operands[index] ?? 0;
    switch (opcode) {
      case OP.BLOCK:
      case OP.LOOP:
      case OP.IF:
        if (opcode === OP.IF && isRare(this.#code, index)) frame.markRare();
        this.#open(scene, opcode, this.#construct(operand), operand);
        return;
      case OP.END:
        this.#close(scene);
        return;
      case OP.BR:
        this.#branch(scene, operand, labelTypes(this.#construct(operand)));
        return;
      case OP.BR_IF:
        this.#branchIf(scene, operand);
        return;
      case OP.BR_TABLE:
        this.#branchTable(scene, this.#code.tables.get(index) ?? []);
        return;
      case OP.RETURN:
        this.#return(scene);
        return;
      default:
        opIndex(frame.writer, opcode, this.#local(frame, operand));
    }
  }

  #open({ frame }: Scene, opcode: number, construct: Construct, target: number): void {
    frame.writer.byte(opcode);
    frame.writer.copy(this.#code.bytes, construct.typeStart, construct.typeEnd);
    frame.labels.push(target);
  }

  #close({ frame }: Scene): void {
    frame.writer.byte(OP.END);
    frame.labels.pop();
  }

  #return(scene: Scene): void {
    if (scene.outlined === undefined) scene.frame.writer.byte(OP.RETURN);
    else this.#branch(scene, 0, this.#construct(0).results);
  }

  /** To a label of this function, or out of it. */
  #branch(scene: Scene, target: number, types: readonly ValueType[]): void {
    const depth = depthOf(scene.frame.labels, target);
    if (depth < 0) this.#leave(scene, target, types);
    else opIndex(scene.frame.writer, OP.BR, depth);
  }

  /** Puts the values on the stack into slots and ends the call with the code of an exit. */
  #leave(scene: Scene, exit: number, types = exitTypes(this.#code, exit)): void {
    const { frame, outlined } = scene;
    if (outlined === undefined) return;
    const { writer } = frame;
    for (const slot of frame.slotsFor(types).reverse()) opIndex(writer, OP.LOCAL_SET, slot);
    constant(writer, outlined.plan.exits.indexOf(exit) + 1);
    opIndex(writer, OP.LOCAL_SET, outlined.exitCode);
    opIndex(writer, OP.BR, depthOf(frame.labels, OUT));
  }

  #branchIf(scene: Scene, target: number): void {
    const { frame, scratch } = scene;
    const { writer } = frame;
    const depth = depthOf(frame.labels, target);
    if (depth >= 0) {
      opIndex(writer, OP.BR_IF, depth);
      return;
    }
    const types = labelTypes(this.#construct(target));
    if (types.length > 0) copyBelow(writer, scratch, frame.slotsFor(types));
    this.#openIf(frame);
    for (const slot of frame.slotsFor(types)) opIndex(writer, OP.LOCAL_GET, slot);
    this.#leave(scene, target, types);
    this.#close(scene);
  }

  /** A table with ways out goes to blocks around it, behind each of which one of them is. */
  #branchTable(scene: Scene, targets: readonly number[]): void {
    const { frame, scratch } = scene;
    const { writer, labels } = frame;
    const ways = [...new Set(targets.filter((target) => depthOf(labels, target) < 0))];
    if (ways.length > 0) opIndex(writer, OP.LOCAL_SET, scratch);
    for (const way of ways) {
      op(writer, OP.BLOCK, VOID);
      labels.push(way);
    }
    if (ways.length > 0) opIndex(writer, OP.LOCAL_GET, scratch);
    op(writer, OP.BR_TABLE);
    writer.unsigned(targets.length - 1);
    for (const target of targets) writer.unsigned(depthOf(labels, target));
    for (const way of ways.reverse()) {
      this.#close(scene);
      this.#leave(scene, way, []);
    }
  }

  #local(frame: Frame, original: number): number {
    return frame.localOf(original, this.#code.locals[original] ?? 0);
  }

  #construct(number: number): Construct {
    const construct = this.#code.constructs[number];
    if (construct === undefined) throw new Error(`There is no construct ${number}`);
    return construct;
  }
}
