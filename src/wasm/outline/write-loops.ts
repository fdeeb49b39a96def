import { type ByteWriter, OP } from "../rewrite/index.ts";
import {
  addToGlobal,
  constant,
  constant64,
  countAbove,
  depthOf,
  I32_AND,
  I32_EQ,
  I64_GE_S,
  op,
  opIndex,
} from "./emit.ts";
import { Frame } from "./frame.ts";
import { floorsOf, setFloor } from "./fuel-floors.ts";
import type { FuelHead } from "./fuel-head.ts";
import type { Construct, FunctionCode } from "./function-code.ts";
import type { Heat } from "./heat.ts";
import { endOf, exitTypes, type LoopPlan } from "./loop-plan.ts";
import { NO_TARGET, OUT, type Rounds, type Scene } from "./scene.ts";
import { CodeWriter } from "./write-code.ts";

const VOID = 0x40;
const I32 = 0x7f;

/**
 * Calls of outlined loops that may be open at once. A program that comes back to a function from
 * within its loop, again and again, would else need more stack for each time than it did before.
 */
const OPEN_CALLS_MAX = 6;

/** How the loops of a module are written. */
export interface LoopSetting {
  readonly rounds: Rounds;
  /** The global that counts how many calls of outlined loops are open. */
  readonly openCalls: number;
  /** Where the host optimises loops: their calls are not bounded. */
  readonly heat: Heat | undefined;
}

/**
 * Writes a function anew, and one more for each of its loops that is planned. A loop goes round
 * in place until its function has seen many rounds; from then on, each call of its own function
 * does a bounded number, so that the engine has many calls at which to put better code in place.
 * Where the host puts it in place at the first call, that lasts to the end of the loop.
 */
export class LoopWriter {
  readonly #code: FunctionCode;
  readonly #writer: CodeWriter;
  readonly #rounds: Rounds;
  readonly #openCalls: number;
  readonly #heat: Heat | undefined;

  constructor(
    code: FunctionCode,
    plans: ReadonlyMap<number, LoopPlan>,
    { rounds, openCalls, heat }: LoopSetting,
  ) {
    this.#code = code;
    this.#writer = new CodeWriter(code, plans, (scene, plan) => {
      if (heat !== undefined && scene.outlined !== undefined) this.#asItWas(scene, plan);
      else this.#planned(scene, plan);
    });
    this.#rounds = rounds;
    this.#openCalls = openCalls;
    this.#heat = heat;
  }

  /** The function itself. */
  writeOriginal(into: ByteWriter, parameterCount: number): void {
    const { locals, opcodes } = this.#code;
    const frame = new Frame([0], parameterCount, locals.slice(parameterCount));
    const [passes, scratch] = [frame.addLocal(I32), frame.addLocal(I32)];
    this.#writer.range(
      { frame, passes, scratch, patience: this.#rounds.inPlace },
      0,
      opcodes.length,
    );
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
    const construct = this.#writer.construct(loop);
    const floors = this.#setFloors(frame, plan);
    op(writer, OP.BLOCK, VOID);
    this.#writer.open(scene, OP.LOOP, construct, loop);
    if (this.#heat === undefined) {
      if (floors === undefined) countAbove(writer, scene.passes, this.#rounds.inCall);
      else this.#isBelow(frame, plan, floors.outer);
      // The exit code is still zero: go on with the loop.
      opIndex(writer, OP.BR_IF, depthOf(labels, OUT));
    }
    if (floors === undefined) this.#writer.range(scene, construct.head + 1, construct.tail);
    else this.#uncheckedRange({ ...scene, innerFloor: floors.inner }, plan);
    this.#writer.close(scene);
    if (construct.fallsThrough) this.#writer.leave(scene, endOf(loop));
    else writer.byte(OP.UNREACHABLE);
    op(writer, OP.END);
    for (const local of results) opIndex(writer, OP.LOCAL_GET, this.#writer.local(frame, local));
    for (const slot of frame.slotsFor(slots)) opIndex(writer, OP.LOCAL_GET, slot);
    opIndex(writer, OP.LOCAL_GET, scene.outlined?.exitCode ?? 0);
    op(writer, OP.END);
  }

  /** A loop in place: after enough passes its head calls the function that goes on with it. */
  #planned(scene: Scene, plan: LoopPlan): void {
    const { frame } = scene;
    const construct = this.#writer.construct(plan.loop);
    if (construct.fallsThrough) this.#writer.open(scene, OP.BLOCK, construct, endOf(plan.loop));
    this.#writer.open(scene, OP.LOOP, construct, plan.loop);
    const { fuel } = plan;
    const floor = fuel === undefined ? undefined : scene.innerFloor;
    if (floor === undefined) countAbove(frame.writer, scene.passes, scene.patience);
    else this.#isBelow(frame, plan, floor);
    frame.markRare();
    this.#writer.openIf(frame);
    this.#canCall(frame, plan);
    this.#writer.openIf(frame);
    this.#call(scene, plan);
    this.#dispatch(scene, plan);
    this.#writer.close(scene);
    if (floor !== undefined && fuel !== undefined) this.#endWithoutFuel(scene, construct, fuel);
    this.#writer.close(scene);
    if (floor === undefined) this.#writer.range(scene, construct.head + 1, construct.tail);
    else this.#uncheckedRange(scene, plan);
    this.#writer.close(scene);
    if (construct.fallsThrough) this.#writer.close(scene);
  }

  /** A loop in the function of a loop around it, which lasts to its end. */
  #asItWas(scene: Scene, { loop }: LoopPlan): void {
    const construct = this.#writer.construct(loop);
    this.#writer.open(scene, OP.LOOP, construct, loop);
    this.#writer.range(scene, construct.head + 1, construct.tail);
    this.#writer.close(scene);
  }

  /** Leaves on the stack whether one more call may be open. */
  #canCall(frame: Frame, { fuel }: LoopPlan): void {
    const { writer } = frame;
    opIndex(writer, OP.GLOBAL_GET, this.#openCalls);
    constant(writer, OPEN_CALLS_MAX);
    op(writer, OP.I32_LT_U);
    if (fuel === undefined) return;
    opIndex(writer, OP.LOCAL_GET, this.#writer.local(frame, fuel.local));
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
    const local = this.#writer.local(frame, fuel.local);
    return { outer: setFloor(frame, local, outer), inner: setFloor(frame, local, inner) };
  }

  #isBelow(frame: Frame, { fuel }: LoopPlan, floor: number): void {
    opIndex(frame.writer, OP.LOCAL_GET, this.#writer.local(frame, fuel?.local ?? 0));
    opIndex(frame.writer, OP.LOCAL_GET, floor);
    op(frame.writer, OP.I64_LT_S);
  }

  /** The body of a loop, whose floor says that there is enough for one turn. */
  #uncheckedRange(scene: Scene, { loop, fuel }: LoopPlan): void {
    const { head, tail } = this.#writer.construct(loop);
    this.#writer.range(scene, head + 1, fuel?.check ?? head + 1);
    this.#writer.range(scene, fuel?.end ?? head + 1, tail);
  }

  /** Where there is not enough for one turn, the session ends as the meter has it. */
  #endWithoutFuel(scene: Scene, { head }: Construct, { local, check, end }: FuelHead): void {
    const { frame } = scene;
    opIndex(frame.writer, OP.LOCAL_GET, this.#writer.local(frame, local));
    this.#writer.range(scene, head + 2, head + 3);
    op(frame.writer, OP.I64_LT_S);
    frame.markRare();
    this.#writer.openIf(frame);
    this.#writer.range(scene, head + 1, check);
    this.#writer.range(scene, check, end);
    this.#writer.close(scene);
  }

  #call({ frame, scratch }: Scene, plan: LoopPlan): void {
    const { writer } = frame;
    this.#heat?.tell(frame, plan.functionIndex);
    for (const local of plan.parameters)
      opIndex(writer, OP.LOCAL_GET, this.#writer.local(frame, local));
    addToGlobal(writer, this.#openCalls, 1);
    opIndex(writer, OP.CALL, plan.functionIndex);
    addToGlobal(writer, this.#openCalls, -1);
    const locals = plan.results.map((local) => this.#writer.local(frame, local));
    const taken = [...locals, ...frame.slotsFor(plan.slots), scratch];
    for (const local of taken.reverse()) opIndex(writer, OP.LOCAL_SET, local);
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
      this.#writer.branch(scene, exit, types);
      if (!isLast) this.#writer.close(scene);
    }
  }

  #openIfCode(frame: Frame, scratch: number, exitCode: number): void {
    opIndex(frame.writer, OP.LOCAL_GET, scratch);
    constant(frame.writer, exitCode);
    op(frame.writer, I32_EQ);
    this.#writer.openIf(frame);
  }
}
