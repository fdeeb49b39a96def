import { OP } from "../rewrite/index.ts";
import { constant, copyBelow, depthOf, isRewritten, op, opIndex } from "./emit.ts";
import type { Frame } from "./frame.ts";
import { type Construct, type FunctionCode, labelTypes } from "./function-code.ts";
import type { ValueType } from "./function-type.ts";
import { exitTypes, type LoopPlan } from "./loop-plan.ts";
import { isRare } from "./rare-branches.ts";
import { NO_TARGET, OUT, type Scene } from "./scene.ts";

const VOID = 0x40;

/** Writes a loop that is planned, in the place where it stands. */
export type WriteLoop = (scene: Scene, plan: LoopPlan) => void;

/**
 * Writes stretches of a function into another: locals and labels get their numbers there, and
 * branches that lead out of the other end its call.
 */
export class CodeWriter {
  readonly #code: FunctionCode;
  readonly #plans: ReadonlyMap<number, LoopPlan>;
  readonly #writeLoop: WriteLoop;

  constructor(code: FunctionCode, plans: ReadonlyMap<number, LoopPlan>, writeLoop: WriteLoop) {
    this.#code = code;
    this.#plans = plans;
    this.#writeLoop = writeLoop;
  }

  /** Begins an `if` of our own. */
  openIf(frame: Frame): void {
    op(frame.writer, OP.IF, VOID);
    frame.labels.push(NO_TARGET);
  }

  /** Writes the instructions from one index up to another. */
  range(scene: Scene, from: number, to: number): void {
    const { opcodes, operands, offsets, bytes } = this.#code;
    const { writer } = scene.frame;
    let copied = from;
    for (let index = from; index < to; index++) {
      if (!isRewritten(opcodes[index] ?? 0, scene.frame.isOriginal)) continue;
      writer.copy(bytes, offsets[copied] ?? 0, offsets[index] ?? 0);
      const plan = opcodes[index] === OP.LOOP ? this.#plans.get(operands[index] ?? 0) : undefined;
      if (plan === undefined) this.#instruction(scene, index);
      else {
        this.#writeLoop(scene, plan);
        index = this.construct(plan.loop).tail;
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
        this.open(scene, opcode, this.construct(operand), operand);
        return;
      case OP.END:
        this.close(scene);
        return;
      case OP.BR:
        this.branch(scene, operand, labelTypes(this.construct(operand)));
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
        opIndex(frame.writer, opcode, this.local(frame, operand));
    }
  }

  /** Begins a construct; `target` is its number, or what stands for its end. */
  open({ frame }: Scene, opcode: number, construct: Construct, target: number): void {
    frame.writer.byte(opcode);
    frame.writer.copy(this.#code.bytes, construct.typeStart, construct.typeEnd);
    frame.labels.push(target);
  }

  /** Ends the construct that was begun last. */
  close({ frame }: Scene): void {
    frame.writer.byte(OP.END);
    frame.labels.pop();
  }

  #return(scene: Scene): void {
    if (scene.outlined === undefined) scene.frame.writer.byte(OP.RETURN);
    else this.branch(scene, 0, this.construct(0).results);
  }

  /** To a label of this function, or out of it. */
  branch(scene: Scene, target: number, types: readonly ValueType[]): void {
    const depth = depthOf(scene.frame.labels, target);
    if (depth < 0) this.leave(scene, target, types);
    else opIndex(scene.frame.writer, OP.BR, depth);
  }

  /** Puts the values on the stack into slots and ends the call with the code of an exit. */
  leave(scene: Scene, exit: number, types = exitTypes(this.#code, exit)): void {
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
    const types = labelTypes(this.construct(target));
    if (types.length > 0) copyBelow(writer, scratch, frame.slotsFor(types));
    this.openIf(frame);
    for (const slot of frame.slotsFor(types)) opIndex(writer, OP.LOCAL_GET, slot);
    this.leave(scene, target, types);
    this.close(scene);
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
      this.close(scene);
      this.leave(scene, way, []);
    }
  }

  /** The number in a frame of a local of the function. */
  local(frame: Frame, original: number): number {
    return frame.localOf(original, this.#code.locals[original] ?? 0);
  }

  /** @throws Error when there is none of that number */
  construct(number: number): Construct {
    const construct = this.#code.constructs[number];
    if (construct === undefined) throw new Error(`There is no construct ${number}`);
    return construct;
  }
}
