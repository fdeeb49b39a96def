import { GLOBAL } from "../guest/index.ts";
import { INT, W } from "../wasm/index.ts";
import type { Emitter } from "./emitter.ts";
import { CONDITION_NAMES, type Handler, type Handlers } from "./handler.ts";

/** Pushes what it is about, and the names of the routines that are called then. */
type Push = (emitter: Emitter) => void;

function call(emitter: Emitter, routine: string): void {
  emitter.code.call(emitter.module.routine(routine));
}

/** An instruction that works on the stack: where it is, is kept for the environment. */
function onStack(handler: Handler): Handler {
  return (emitter) => {
    emitter.code.i32(emitter.guest.addressOf(emitter.at)).globalSet(GLOBAL.X87_PLACE);
    handler(emitter);
  };
}

/** Calls routines one after another, behind what is pushed for the first. */
function calls(push: Push, ...routines: readonly string[]): Handler {
  return onStack((emitter) => {
    push(emitter);
    for (const routine of routines) call(emitter, routine);
  });
}

const nothing: Push = () => undefined;

function numbers(...values: readonly number[]): Push {
  return ({ code }) => {
    for (const value of values) code.i32(value);
  };
}

/** The number of a register from the top. */
const register: Push = (emitter) => {
  emitter.code.i32((emitter.text.rm[emitter.at] ?? 0) & 7);
};

function registerAnd(value: number): Push {
  return (emitter) => {
    register(emitter);
    emitter.code.i32(value);
  };
}

/** The linear address of the memory operand, for a routine that works on memory itself. */
const address: Push = (emitter) => {
  emitter.code.tellPlace();
  const offset = emitter.address();
  if (offset !== 0) emitter.code.i32(offset).i32op("ADD");
};

/** Significand and exponent of a value in memory. */
const VALUES = {
  single: (emitter) => {
    emitter.loadMemory(4);
    call(emitter, "fromSingle");
  },
  double: (emitter) => {
    emitter.loadMemory(8);
    call(emitter, "fromDouble");
  },
  integer2: (emitter) => {
    emitter.code.memory(INT.LOAD16_S[1], emitter.address());
    call(emitter, "fromInteger");
  },
  integer4: (emitter) => {
    emitter.code.memory(W.I64_LOAD32_S, emitter.address());
    call(emitter, "fromInteger");
  },
  integer8: (emitter) => {
    emitter.loadMemory(8);
    call(emitter, "fromInteger");
  },
} as const satisfies Record<string, Push>;

/** Stores what a routine makes of the top. */
function store(size: number, push: Push, ...routines: readonly string[]): Handler {
  const [first = "", ...others] = routines;
  return onStack((emitter) => {
    const offset = emitter.address();
    push(emitter);
    call(emitter, first);
    emitter.storeMemory(offset, size);
    for (const routine of others) call(emitter, routine);
  });
}

/** Two registers: of subtraction and division, the forms that write ST(i) have swapped names. */
function ofRegisters(routine: string, swapped: string, ...others: readonly string[]): Handler {
  return onStack((emitter) => {
    const writesTop = emitter.operand(0).kind === "st0";
    if (writesTop) emitter.code.i32(0);
    register(emitter);
    if (!writesTop) emitter.code.i32(0);
    call(emitter, `${writesTop ? routine : swapped}Registers`);
    for (const other of others) call(emitter, other);
  });
}

/** All forms of an operation. */
function operation(name: string, routine: string, swapped = routine): Handlers {
  const whole = name.replace("f", "fi");
  return {
    [`${name}s`]: calls(VALUES.single, `${routine}Value`),
    [`${name}l`]: calls(VALUES.double, `${routine}Value`),
    [`${whole}s`]: calls(VALUES.integer2, `${routine}Value`),
    [`${whole}l`]: calls(VALUES.integer4, `${routine}Value`),
    [name]: ofRegisters(routine, swapped),
    [`${name}p`]: ofRegisters(routine, swapped, "pop"),
  };
}

/** Comparisons with `p` behind the name pop the stack. */
function comparison(pop: "" | "p"): Handlers {
  const popped = pop === "" ? [] : ["pop"];
  return {
    [`fcom${pop}s`]: calls(VALUES.single, "compareValue", ...popped),
    [`fcom${pop}l`]: calls(VALUES.double, "compareValue", ...popped),
    [`ficom${pop}s`]: calls(VALUES.integer2, "compareValue", ...popped),
    [`ficom${pop}l`]: calls(VALUES.integer4, "compareValue", ...popped),
    [`fcom${pop}`]: calls(registerAnd(0), "compareRegister", ...popped),
    [`fucom${pop}`]: calls(registerAnd(1), "compareRegister", ...popped),
    [`fcomi${pop}`]: flagsOf(0, ...popped),
    [`fucomi${pop}`]: flagsOf(1, ...popped),
  };
}

function flagsOf(quietly: number, ...others: readonly string[]): Handler {
  return onStack((emitter) => {
    registerAnd(quietly)(emitter);
    call(emitter, "compareFlags");
    emitter.code.set(emitter.flags.bits);
    emitter.flags.set("bits");
    for (const other of others) call(emitter, other);
  });
}

function moveIf(condition: (typeof CONDITION_NAMES)[number]): Handler {
  return onStack((emitter) => {
    emitter.flags.condition(CONDITION_NAMES.indexOf(condition));
    register(emitter);
    call(emitter, "moveIf");
  });
}

/** A constant by its bits, and whether those behind them are at least half of the last. */
function constantOf(high: number, low: number, exponent: number, above: number): Handler {
  return calls(({ code }) => {
    code.i64(low, high).i32(exponent).i32(above);
  }, "pushConstant");
}

/** An instruction that only moves words of the unit. */
function control(push: Push, routine: string): Handler {
  return (emitter) => {
    push(emitter);
    call(emitter, routine);
  };
}

/** The same for one that may take the mask of an exception away: it has to know its address. */
function unmasking(push: Push, routine: string): Handler {
  return control((emitter) => {
    push(emitter);
    emitter.code.i32(emitter.guest.addressOf(emitter.at));
  }, routine);
}

/** Stores a word into its operand: memory or ax. */
function storeWord(push: Push): Handler {
  return (emitter) => {
    const to = emitter.operand(0);
    const offset = emitter.storeBegin(to);
    push(emitter);
    emitter.storeEnd(to, offset, 2);
  };
}

const NO_CODE: Handler = () => undefined;
const POPPED = ["pop"];

const LOADS_AND_STORES: Handlers = {
  flds: calls(VALUES.single, "pushConverted"),
  fldl: calls(VALUES.double, "pushConverted"),
  fldt: calls(address, "loadExtended"),
  fld: calls(register, "pushRegister"),
  filds: calls(VALUES.integer2, "pushValue"),
  fildl: calls(VALUES.integer4, "pushValue"),
  fildll: calls(VALUES.integer8, "pushValue"),
  fbld: calls(address, "loadDecimal"),
  fsts: store(4, nothing, "topAsSingle"),
  fstps: store(4, nothing, "topAsSingle", ...POPPED),
  fstl: store(8, nothing, "topAsDouble"),
  fstpl: store(8, nothing, "topAsDouble", ...POPPED),
  fstpt: calls(address, "storeExtended", ...POPPED),
  fst: calls(register, "copyTop"),
  fstp: calls(register, "copyTop", ...POPPED),
  fists: store(2, numbers(16, 0), "shortOfTop"),
  fistps: store(2, numbers(16, 0), "shortOfTop", ...POPPED),
  fistl: store(4, numbers(32, 0), "shortOfTop"),
  fistpl: store(4, numbers(32, 0), "shortOfTop", ...POPPED),
  fistpll: store(8, numbers(64, 0), "integerOfTop", ...POPPED),
  fisttps: store(2, numbers(16, 1), "shortOfTop", ...POPPED),
  fisttpl: store(4, numbers(32, 1), "shortOfTop", ...POPPED),
  fisttpll: store(8, numbers(64, 1), "integerOfTop", ...POPPED),
  fbstp: calls(address, "storeDecimal", ...POPPED),
  fxch: calls(register, "exchange"),
  fld1: calls(({ code }) => {
    code.i64(0, 0x8000_0000).i32(0x3fff);
  }, "pushValue"),
  fldz: calls(({ code }) => {
    code.i64(0).i32(0);
  }, "pushValue"),
  fldl2t: constantOf(0xd49a_784b, 0xcd1b_8afe, 0x4000, 0),
  fldl2e: constantOf(0xb8aa_3b29, 0x5c17_f0bb, 0x3fff, 1),
  fldpi: constantOf(0xc90f_daa2, 0x2168_c234, 0x4000, 1),
  fldlg2: constantOf(0x9a20_9a84, 0xfbcf_f798, 0x3ffd, 1),
  fldln2: constantOf(0xb172_17f7, 0xd1cf_79ab, 0x3ffe, 1),
};

const TRANSCENDENTAL: Handlers = {
  fsin: calls(numbers(0), "wave"),
  fcos: calls(numbers(1), "wave"),
  fsincos: calls(nothing, "waves"),
  fptan: calls(nothing, "tangent"),
  fpatan: calls(nothing, "arctangent", ...POPPED),
  f2xm1: calls(nothing, "powerLessOne"),
  fyl2x: calls(numbers(0), "scaledLogarithm", ...POPPED),
  fyl2xp1: calls(numbers(1), "scaledLogarithm", ...POPPED),
};

/** All of the x87. */
export const X87: Handlers = {
  ...LOADS_AND_STORES,
  ...TRANSCENDENTAL,
  ...operation("fadd", "add"),
  ...operation("fmul", "multiply"),
  ...operation("fsub", "subtract", "subtractReverse"),
  ...operation("fsubr", "subtractReverse", "subtract"),
  ...operation("fdiv", "divide", "divideReverse"),
  ...operation("fdivr", "divideReverse", "divide"),
  ...comparison(""),
  ...comparison("p"),
  fcompp: calls(numbers(1, 0), "compareRegister", "pop", "pop"),
  fucompp: calls(numbers(1, 1), "compareRegister", "pop", "pop"),
  ftst: calls(({ code }) => {
    code.i64(0).i32(0);
  }, "compareValue"),
  fxam: calls(nothing, "examine"),
  fcmovb: moveIf("b"),
  fcmove: moveIf("e"),
  fcmovbe: moveIf("be"),
  fcmovu: moveIf("p"),
  fcmovnb: moveIf("ae"),
  fcmovne: moveIf("ne"),
  fcmovnbe: moveIf("a"),
  fcmovnu: moveIf("np"),
  fchs: calls(nothing, "changeSign"),
  fabs: calls(nothing, "clearSign"),
  fsqrt: calls(nothing, "squareRoot"),
  frndint: calls(nothing, "roundToInteger"),
  fscale: calls(nothing, "scale"),
  fxtract: calls(nothing, "extract"),
  fprem: calls(numbers(0), "remainder"),
  fprem1: calls(numbers(1), "remainder"),
  fincstp: calls(numbers(1), "turn"),
  fdecstp: calls(numbers(-1), "turn"),
  ffree: calls(register, "free"),
  fnop: calls(nothing),
  // Exceptions that are not masked end the program where they arise: none waits.
  fwait: NO_CODE,
  fldcw: unmasking((emitter) => emitter.loadMemory(2), "setControl"),
  fnstcw: storeWord(({ code }) => code.globalGet(GLOBAL.X87_CONTROL)),
  fnstsw: storeWord((emitter) => call(emitter, "statusWord")),
  fnclex: control(nothing, "clearExceptions"),
  fninit: control(nothing, "initialise"),
  fnstenv: control(address, "storeEnvironment"),
  fldenv: unmasking(address, "loadEnvironment"),
  fnsave: control(address, "saveState"),
  frstor: unmasking(address, "restoreState"),
};
