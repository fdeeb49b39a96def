import { assert } from "../../../base/index.ts";
import { OP } from "../../../wasm/rewrite/index.ts";
import type { Code } from "../wasm/index.ts";
import { INT, W } from "../wasm/index.ts";
import type { RoutineScope, Signature, TypedRoutine } from "./routine.ts";
import { CONSTANTS, STATE } from "./state.ts";
import { Tokens } from "./tokens.ts";
import {
  binary,
  constant,
  converted,
  decided,
  HELD,
  OPERATORS,
  selected,
  toUnsigned,
  typed,
  unary,
  type Value,
  type ValueType,
} from "./value.ts";

/** Functions of one value that are instructions. */
const CONVERSIONS: Readonly<Record<string, (value: Value) => Value>> = {
  u64: toUnsigned,
  s64: (value) => converted(typed(value, "i32"), "u64", W.I64_EXTEND_S),
  i32: (value) => converted(typed(value, "u64"), "i32", W.I32_WRAP),
  clz: (value) => converted(typed(value, "u64"), "u64", INT.CLZ[1]),
};

/** Accesses to memory at a linear address. */
const LOADS: Readonly<Record<string, readonly [type: ValueType, opcode: number]>> = {
  load8: ["i32", INT.LOAD8_U[0]],
  load16: ["i32", INT.LOAD16_U[0]],
  load32: ["i32", INT.LOAD[0]],
  load64: ["u64", INT.LOAD[1]],
};
const STORES: Readonly<Record<string, readonly [type: ValueType, opcode: number]>> = {
  store8: ["i32", INT.STORE8[0]],
  store16: ["i32", INT.STORE16[0]],
  store32: ["i32", INT.STORE[0]],
  store64: ["u64", INT.STORE[1]],
};

/** Functions of the module that are no routines. */
const EXTERNAL: Readonly<Record<string, Signature>> = {
  fault: { parameters: ["i32", "i32"], results: [] },
  multiplyHigh: { parameters: ["u64", "u64"], results: ["u64"] },
};

interface Variable {
  readonly type: ValueType;
  readonly index: number;
  readonly isGlobal: boolean;
}

/** Compiles the body of one routine. */
export class RoutineCompiler {
  readonly #code: Code;
  readonly #scope: RoutineScope;
  readonly #routines: ReadonlyMap<string, TypedRoutine>;
  readonly #signature: Signature;
  readonly #locals = new Map<string, Variable>();
  #tokens = new Tokens("");

  constructor(
    code: Code,
    scope: RoutineScope,
    routines: ReadonlyMap<string, TypedRoutine>,
    signature: Signature,
    names: readonly string[],
  ) {
    this.#code = code;
    this.#scope = scope;
    this.#routines = routines;
    this.#signature = signature;
    for (const [index, name] of names.entries()) {
      const type = signature.parameters[index] ?? "i32";
      this.#locals.set(name, { type, index, isGlobal: false });
    }
  }

  write(body: string): void {
    this.#tokens = new Tokens(body);
    while (this.#tokens.next.kind !== "end") this.#statement();
    // Control does not come here where there are results: the body returned them.
    if (this.#signature.results.length > 0) this.#code.op(OP.UNREACHABLE);
  }

  #block(): void {
    this.#tokens.expect("{");
    while (!this.#tokens.accept("}")) this.#statement();
  }

  #statement(): void {
    const tokens = this.#tokens;
    if (tokens.accept("if")) this.#if();
    else if (tokens.accept("while")) this.#while();
    else {
      if (tokens.accept("return")) this.#return();
      else if (tokens.accept("let")) this.#assignment(this.#names([tokens.name()]), true);
      else {
        const name = tokens.name();
        if (tokens.next.text === "(") this.#call(name).push(this.#code);
        else this.#assignment(this.#names([name]), false);
      }
      tokens.expect(";");
    }
  }

  #names(names: string[]): string[] {
    while (this.#tokens.accept(",")) names.push(this.#tokens.name());
    return names;
  }

  #condition(): void {
    this.#tokens.expect("(");
    typed(this.#expression(), "i32").push(this.#code);
    this.#tokens.expect(")");
  }

  #if(): void {
    this.#condition();
    this.#code.if();
    this.#block();
    if (this.#tokens.accept("else")) {
      this.#code.else();
      if (this.#tokens.accept("if")) this.#if();
      else this.#block();
    }
    this.#code.end();
  }

  #while(): void {
    const code = this.#code;
    code.block().loop();
    this.#condition();
    code.i32op("EQZ").brIf(1);
    this.#block();
    code.br(0).end().end();
  }

  #return(): void {
    const { results } = this.#signature;
    if (this.#tokens.next.text !== ";") this.#push(this.#list(), results);
    else assert(results.length === 0, `results of ${this.#tokens.place}`);
    this.#code.op(OP.RETURN);
  }

  #assignment(names: readonly string[], isNew: boolean): void {
    this.#tokens.expect("=");
    const values = this.#list();
    const given = values.flatMap(({ types }) => types);
    const variables = names.map((name, at) => {
      const known = this.#locals.get(name) ?? STATE.get(name);
      return known ?? this.#declare(name, isNew ? given[at] : undefined);
    });
    this.#push(
      values,
      variables.map(({ type }) => type),
    );
    for (const { index, isGlobal } of variables.reverse()) {
      if (isGlobal) this.#code.globalSet(index);
      else this.#code.set(index);
    }
  }

  #declare(name: string, type: ValueType | undefined): Variable {
    assert(type !== undefined, `${name} is declared: ${this.#tokens.place}`);
    const variable = { type, index: this.#code.local(HELD[type]), isGlobal: false };
    this.#locals.set(name, variable);
    return variable;
  }

  /** Pushes values that are to have these types. */
  #push(values: readonly Value[], types: readonly ValueType[]): void {
    const [only] = values;
    if (values.length === 1 && only !== undefined && only.types.length !== 1) {
      assert(only.types.join() === types.join(), `results: ${this.#tokens.place}`);
      only.push(this.#code);
      return;
    }
    assert(values.length === types.length, `as many values: ${this.#tokens.place}`);
    for (const [at, value] of values.entries()) typed(value, types[at] ?? "i32").push(this.#code);
  }

  #list(): Value[] {
    const values = [this.#expression()];
    while (this.#tokens.accept(",")) values.push(this.#expression());
    return values;
  }

  #expression(): Value {
    const condition = this.#either();
    if (!this.#tokens.accept("?")) return condition;
    const yes = this.#expression();
    this.#tokens.expect(":");
    return selected(condition, yes, this.#expression());
  }

  #either(): Value {
    let value = this.#both();
    while (this.#tokens.accept("||")) value = decided("||", value, this.#both());
    return value;
  }

  #both(): Value {
    let value = this.#binary(0);
    while (this.#tokens.accept("&&")) value = decided("&&", value, this.#binary(0));
    return value;
  }

  #binary(level: number): Value {
    let value = this.#unary();
    for (;;) {
      const { text } = this.#tokens.next;
      const found = OPERATORS[text];
      if (found === undefined || found.level <= level) return value;
      this.#tokens.take();
      value = binary(text, value, this.#binary(found.level));
    }
  }

  #unary(): Value {
    for (const mark of ["-", "~", "!"]) {
      if (this.#tokens.accept(mark)) return unary(mark, this.#unary());
    }
    return this.#primary();
  }

  #primary(): Value {
    const tokens = this.#tokens;
    if (tokens.accept("(")) {
      const value = this.#expression();
      tokens.expect(")");
      return value;
    }
    if (tokens.next.kind === "number")
      return constant(BigInt(tokens.take().text.replaceAll("_", "")));
    const name = tokens.name();
    return tokens.next.text === "(" ? this.#call(name) : this.#variable(name);
  }

  #variable(name: string): Value {
    const known = this.#locals.get(name) ?? STATE.get(name);
    if (known === undefined) {
      const value = CONSTANTS[name];
      assert(value !== undefined, `${name} is known: ${this.#tokens.place}`);
      return constant(value);
    }
    const { type, index, isGlobal } = known;
    return {
      types: [type],
      push: (code) => (isGlobal ? code.globalGet(index) : code.get(index)),
    };
  }

  #call(name: string): Value {
    this.#tokens.expect("(");
    const values = this.#tokens.next.text === ")" ? [] : this.#list();
    this.#tokens.expect(")");
    const [first = constant(0n)] = values;
    const conversion = CONVERSIONS[name];
    if (conversion !== undefined) return conversion(first);
    const load = LOADS[name];
    if (load !== undefined) return converted(typed(first, "i32"), load[0], load[1], 0, 0);
    const store = STORES[name];
    if (store !== undefined) {
      const push = () => {
        this.#push(values, ["i32", store[0]]);
        this.#code.memory(store[1], 0);
      };
      return { types: [], push };
    }
    return this.#routineCall(name, values);
  }

  #routineCall(name: string, values: readonly Value[]): Value {
    const signature = EXTERNAL[name] ?? this.#routines.get(name)?.signature;
    assert(signature !== undefined, `routine ${name}: ${this.#tokens.place}`);
    const { faultFunction } = this.#scope;
    const push = () => {
      this.#push(values, signature.parameters);
      this.#code.call(name === "fault" ? faultFunction : this.#scope.routine(name));
    };
    return { types: signature.results, push };
  }
}
