import { OP, TYPE } from "../../wasm/rewrite/index.ts";
import type { EntryState } from "../elf/index.ts";
import { PASSED } from "./flow/index.ts";
import { BASE_HIGH, GLOBAL, MEMORY_BIAS } from "./guest/index.ts";
import { pushFlagsOfJump } from "./jump-flags.ts";
import { pushSlot, setFlagsOfJump, TABLE, type ThunkScope, withBase } from "./thunks.ts";
import { Code, INT } from "./wasm/index.ts";

/** Where a program begins. */
export interface StartPoint {
  readonly entry: number;
  /** The function of that address. */
  readonly first: number;
  /** The function that goes to places. */
  readonly place: number;
  readonly state: EntryState;
}

/**
 * Sets the state that a program begins with, and goes to where it says until it ends. Where it is
 * resumed, the host has set all of the state.
 */
export function startFunction(scope: ThunkScope, point: StartPoint): Code {
  const code = new Code(0);
  const [pc, slot] = [code.local(TYPE.I32), code.local(TYPE.I32)];
  const passed = PASSED.map(() => code.local(TYPE.I64));
  code.globalGet(GLOBAL.RESUMED).if().globalGet(GLOBAL.PC).set(pc);
  for (const [at, local] of passed.entries()) code.globalGet(PASSED[at] ?? 0).set(local);
  code.else();
  begin(code, point, pc, passed);
  code.end().loop();
  const go = (call: () => void) => {
    code.get(pc).globalSet(GLOBAL.PC);
    for (const local of passed) code.get(local);
    call();
    for (const local of [...passed].reverse()) code.set(local);
  };
  const resumed = code.local(TYPE.I32);
  code.i32(0).globalSet(GLOBAL.MISSED);
  go(() => {
    pushSlot(code, pc, slot, scope);
    code.callIndirect(scope.functionType, TABLE.FUNCTIONS);
  });
  code.tee(resumed).get(pc).i32op("EQ").globalGet(GLOBAL.MISSED).i32op("AND").if();
  setFlagsOfJump(
    code,
    () => pushFlagsOfJump(code, pc),
    () => code.get(pc),
  );
  go(() => code.call(point.place));
  code.set(resumed).end();
  code.get(resumed).set(pc).br(0).end().op(OP.UNREACHABLE);
  return code;
}

/**
 * The first call of a program, with the registers of its start; locals get what it gave back. The
 * function of the entry is called by its name: passes over the module follow that.
 */
function begin(
  code: Code,
  { entry, first, state }: StartPoint,
  pc: number,
  passed: readonly number[],
): void {
  const [rsp = 0, rax = 0, rdi = 0] = passed;
  if (state.stack === undefined) {
    code.globalGet(GLOBAL.RSP);
    withBase(code);
    code.tee(rsp).globalSet(GLOBAL.RBP).globalGet(GLOBAL.RDI).set(rdi);
  } else {
    for (const [address, value] of state.stack.words) {
      code
        .i32(0)
        .i32(value)
        .memory(INT.STORE[0], address - MEMORY_BIAS);
    }
    code.i64(state.stack.pointer, BASE_HIGH).tee(rsp).globalSet(GLOBAL.RBP);
    code.i64(state.stack.infoAddress, 0).set(rdi);
  }
  code.i64(state.rax).set(rax);
  code.i64(entry, BASE_HIGH).globalSet(state.entryRegister);
  for (const local of passed) code.get(local);
  code.call(first);
  for (const local of [...passed].reverse()) code.set(local);
  code.set(pc);
}
