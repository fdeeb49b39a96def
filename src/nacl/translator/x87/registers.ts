import { OP } from "../../../wasm/rewrite/index.ts";
import { GLOBAL } from "../guest/index.ts";
import type { Code } from "../wasm/index.ts";
import { handWritten, type TypedRoutine } from "./routine.ts";

const COUNT = 8;

/** Writes code for each register, of which the one runs that the first parameter numbers. */
function forEachRegister(code: Code, write: (register: number) => void): void {
  for (let register = 0; register <= COUNT; register++) code.block();
  const labels = Array.from({ length: COUNT }, (_, register) => register);
  code.get(0).brTable(labels, COUNT);
  for (const register of labels) {
    code.end();
    write(register);
    code.op(OP.RETURN);
  }
  code.end().op(OP.UNREACHABLE);
}

/** Globals have no index at run time: what reads and writes a register by its number. */
export const REGISTER_ROUTINES: ReadonlyMap<string, TypedRoutine> = new Map([
  [
    "readRegister",
    handWritten({ parameters: ["i32"], results: ["u64", "i32"] }, (code) => {
      forEachRegister(code, (register) => {
        code.globalGet(GLOBAL.MM + register).globalGet(GLOBAL.X87_SIGN + register);
      });
    }),
  ],
  [
    "writeRegister",
    handWritten({ parameters: ["i32", "u64", "i32"], results: [] }, (code) => {
      forEachRegister(code, (register) => {
        code.get(1).globalSet(GLOBAL.MM + register);
        code.get(2).globalSet(GLOBAL.X87_SIGN + register);
      });
    }),
  ],
]);
