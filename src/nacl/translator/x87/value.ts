import { assert } from "../../../base/index.ts";
import { TYPE } from "../../../wasm/rewrite/index.ts";
import { type Code, type IntName, W } from "../wasm/index.ts";

/** Types of the language of routines: `i32` has a sign, `u64` has none. */
export type ValueType = "i32" | "u64";

/** The type of WebAssembly that holds one. */
export const HELD: Readonly<Record<ValueType, number>> = { i32: TYPE.I32, u64: TYPE.I64 };

/** An expression: what it leaves on the stack, and how. */
export interface Value {
  readonly types: readonly ValueType[];
  readonly constant?: bigint;
  readonly push: (code: Code) => void;
}

/** A constant that takes the type it is needed in; one of more than 32 bits is a `u64`. */
export function constant(value: bigint): Value {
  const isLong = value >> 32n > 0n;
  const push = (code: Code) => (isLong ? pushLong(code, value) : code.i32(Number(value)));
  return { types: [isLong ? "u64" : "i32"], constant: value, push };
}

function pushLong(code: Code, value: bigint): Code {
  return code.i64(Number(BigInt.asIntN(32, value)), Number(BigInt.asIntN(32, value >> 32n)));
}

/** The one type of a value. */
export function typeOf(value: Value): ValueType {
  const [type] = value.types;
  assert(type !== undefined && value.types.length === 1, "one value");
  return type;
}

/** The same value as one of a type; only constants adapt. */
export function typed(value: Value, type: ValueType): Value {
  const { constant: number } = value;
  if (number !== undefined && type === "u64") {
    return { types: ["u64"], push: (code) => pushLong(code, number) };
  }
  assert(typeOf(value) === type, `a value of ${type}`);
  return value;
}

interface Operator {
  readonly level: number;
  readonly i32: readonly IntName[];
  readonly u64: readonly IntName[];
  readonly compares?: true;
}

function operator(level: number, name: IntName): Operator {
  return { level, i32: [name], u64: [name] };
}

function comparison(level: number, i32: IntName, u64: IntName): Operator {
  return { level, i32: [i32], u64: [u64], compares: true };
}

/** Operators between two values; those of a higher level bind closer. */
export const OPERATORS: Readonly<Record<string, Operator>> = {
  "|": operator(3, "OR"),
  "^": operator(4, "XOR"),
  "&": operator(5, "AND"),
  "==": comparison(6, "EQ", "EQ"),
  "!=": comparison(6, "NE", "NE"),
  "<": comparison(7, "LT_S", "LT_U"),
  ">": comparison(7, "GT_S", "GT_U"),
  "<=": comparison(7, "LE_S", "LE_U"),
  ">=": comparison(7, "GE_S", "GE_U"),
  "<<": operator(8, "SHL"),
  ">>": { level: 8, i32: ["SHR_S"], u64: ["SHR_U"] },
  "+": operator(9, "ADD"),
  "-": operator(9, "SUB"),
  "*": operator(10, "MUL"),
  "/": { level: 10, i32: ["DIV_S"], u64: ["DIV_U"] },
  "%": { level: 10, i32: ["REM_S"], u64: ["REM_U"] },
};

const FOLDED: Readonly<Record<string, (a: bigint, b: bigint) => bigint>> = {
  "+": (a, b) => a + b,
  "-": (a, b) => a - b,
  "|": (a, b) => a | b,
};

/** Joins two values; a count of a shift may be an `i32` whatever is shifted. */
export function binary(name: string, left: Value, right: Value): Value {
  const found = OPERATORS[name];
  assert(found !== undefined, `operator ${name}`);
  const fold = FOLDED[name];
  if (fold !== undefined && left.constant !== undefined && right.constant !== undefined) {
    return constant(fold(left.constant, right.constant));
  }
  const type = left.constant === undefined ? typeOf(left) : typeOf(right);
  const a = typed(left, type);
  const shifts = name === "<<" || name === ">>";
  const b = shifts && type === "u64" ? toUnsigned(right) : typed(right, type);
  const push = (code: Code) => {
    a.push(code);
    b.push(code);
    if (type === "u64") code.i64op(...found.u64);
    else code.i32op(...found.i32);
  };
  return { types: [found.compares ? "i32" : type], push };
}

/** `&&` and `||`: the right one is evaluated only where it decides. */
export function decided(name: "&&" | "||", left: Value, right: Value): Value {
  const [a, b] = [typed(left, "i32"), typed(right, "i32")];
  const push = (code: Code) => {
    a.push(code);
    code.if(TYPE.I32);
    if (name === "&&") b.push(code);
    else code.i32(1);
    code.else();
    if (name === "&&") code.i32(0);
    else b.push(code);
    code.end();
  };
  return { types: ["i32"], push };
}

/** Both values are evaluated. */
export function selected(condition: Value, yes: Value, no: Value): Value {
  const type = yes.constant === undefined ? typeOf(yes) : typeOf(no);
  const push = (code: Code) => {
    typed(yes, type).push(code);
    typed(no, type).push(code);
    typed(condition, "i32").push(code);
    code.select();
  };
  return { types: [type], push };
}

export function unary(name: string, operand: Value): Value {
  if (name === "-" && operand.constant !== undefined) return constant(-operand.constant);
  const type = typeOf(operand);
  if (name === "-") return binary("-", constant(0n), operand);
  if (name === "~") return binary("^", operand, constant(-1n));
  const push = (code: Code) => {
    operand.push(code);
    if (type === "u64") code.i64op("EQZ");
    else code.i32op("EQZ");
  };
  return { types: ["i32"], push };
}

/** A value with zeros above it. */
export function toUnsigned(value: Value): Value {
  if (value.constant !== undefined || typeOf(value) === "u64") return typed(value, "u64");
  return converted(value, "u64", W.I64_EXTEND_U);
}

/** A value that an instruction makes of another. */
export function converted(value: Value, type: ValueType, ...opcode: readonly number[]): Value {
  const push = (code: Code) => {
    value.push(code);
    code.op(...opcode);
  };
  return { types: [type], push };
}
