import { Dice } from "./dice.ts";

type Type = "i32" | "i64" | "f64";

const LOCALS: Readonly<Record<Type, readonly [string, ...string[]]>> = {
  i32: ["$a", "$p", "$q", "$r"],
  i64: ["$b", "$s", "$t"],
  f64: ["$u", "$v"],
};

/** What a label wants of a branch to it. */
interface Label {
  readonly types: readonly Type[];
  /** A branch to a loop only ends because loops burn fuel. */
  readonly isLoop: boolean;
}

/**
 * Makes programs with all that loops can have around and within them: nests, values on the stack,
 * results, branches of every kind to every depth, returns, traps, calls of the host. Each loop
 * burns fuel and traps without it, so that every program ends.
 */
class Programmer {
  readonly #dice: Dice;
  readonly #labels: Label[] = [];
  #budget: number;

  constructor(seed: number) {
    this.#dice = new Dice(seed);
    this.#budget = 40 + this.#dice.below(160);
  }

  program(): string {
    const { below } = this.#dice;
    const fuel = 20 + below.call(this.#dice, 600);
    this.#labels.push({ types: ["i32", "i64"], isLoop: false });
    const body = [...this.#statements(4), this.#value("i32", 2), this.#value("i64", 2)];
    return `(module
      (import "host" "note" (func $note (param i32) (result i32)))
      (memory (export "memory") 1)
      (table funcref (elem $note $add))
      (type $unary (func (param i32) (result i32)))
      (global $fuel (export "fuel") (mut i32) (i32.const ${fuel}))
      (global $sum (export "sum") (mut i64) (i64.const 0))
      (func $add (param i32) (result i32)
        (global.set $sum (i64.add (global.get $sum) (i64.extend_i32_u (local.get 0))))
        (i32.mul (local.get 0) (i32.const 7)))
      (func (export "run") (param $a i32) (param $b i64) (result i32 i64)
        (local $p i32) (local $q i32) (local $s i64) (local $u f64) (local $r i32)
        (local $v f64) (local $t i64)
        ${body.join("\n")}))`;
  }

  #statements(depth: number): string[] {
    const count = 1 + this.#dice.below(4);
    return Array.from({ length: count }, () => this.#statement(depth));
  }

  #statement(depth: number): string {
    this.#budget--;
    const type = this.#dice.of<Type>(["i32", "i64", "f64"]);
    if (depth <= 0 || this.#budget < 0) return this.#assignment(type, 0);
    switch (this.#dice.below(16)) {
      case 0:
      case 1:
      case 2:
      case 3:
        return this.#loop([], depth - 1);
      case 4:
        return `(drop ${this.#loop([type], depth - 1)})`;
      case 5:
        return this.#block("block", [], depth - 1);
      case 6:
      case 7:
        return this.#if(depth - 1);
      case 8:
      case 9:
        return this.#branchIf();
      case 10:
        return this.#rarely(() => this.#branchTable());
      case 11:
        return this.#rarely(() => this.#branch(this.#dice.below(this.#labels.length)));
      case 12:
        return `(drop (call $note ${this.#value("i32", 1)}))`;
      case 13:
        return this.#trap();
      case 14:
        return `(i32.store (i32.and ${this.#value("i32", 1)} (i32.const 65535)) ${this.#value("i32", 1)})`;
      default:
        return this.#assignment(type, 2);
    }
  }

  #assignment(type: Type, depth: number): string {
    return `(local.set ${this.#dice.of(LOCALS[type])} ${this.#value(type, depth)})`;
  }

  #loop(types: readonly Type[], depth: number): string {
    this.#labels.push({ types: [], isLoop: true });
    const burn = `(if (i32.eqz (global.get $fuel)) (then unreachable))
      (global.set $fuel (i32.sub (global.get $fuel) (i32.const 1)))`;
    const body = this.#statements(depth);
    const again = this.#dice.below(4) > 0 ? `(br_if 0 ${this.#value("i32", 1)})` : "";
    const values = types.map((type) => this.#value(type, 1));
    this.#labels.pop();
    const results = types.length > 0 ? `(result ${types.join(" ")})` : "";
    return `(loop ${results} ${burn} ${body.join("\n")} ${again} ${values.join(" ")})`;
  }

  #block(what: string, types: readonly Type[], depth: number): string {
    this.#labels.push({ types, isLoop: false });
    const body = this.#statements(depth);
    const values = types.map((type) => this.#value(type, 1));
    this.#labels.pop();
    const results = types.length > 0 ? `(result ${types.join(" ")})` : "";
    return `(${what} ${results} ${body.join("\n")} ${values.join(" ")})`;
  }

  #if(depth: number): string {
    const condition = this.#value("i32", 1);
    this.#labels.push({ types: [], isLoop: false });
    const yes = this.#statements(depth).join("\n");
    const no = this.#dice.below(2) === 0 ? `(else ${this.#statements(depth).join("\n")})` : "";
    this.#labels.pop();
    return `(if ${condition} (then ${yes}) ${no})`;
  }

  /** A statement that happens for few values of a local. */
  #rarely(statement: () => string): string {
    const rarity = this.#dice.below(60);
    const local = this.#dice.of(LOCALS.i32);
    this.#labels.push({ types: [], isLoop: false });
    const inner = statement();
    this.#labels.pop();
    return `(if (i32.eq (i32.rem_u (local.get ${local}) (i32.const 61)) (i32.const ${rarity}))
      (then ${inner}))`;
  }

  #branch(depth: number): string {
    const { types } = this.#label(depth);
    const values = types.map((type) => this.#value(type, 1)).join(" ");
    const isReturn = depth === this.#labels.length - 1 && this.#dice.below(2) === 0;
    return isReturn ? `(return ${values})` : `(br ${depth} ${values})`;
  }

  #branchIf(): string {
    const depth = this.#dice.below(this.#labels.length);
    const { types } = this.#label(depth);
    const values = types.map((type) => this.#value(type, 1));
    const drops = types.map(() => "drop");
    return `${values.join(" ")} (br_if ${depth} ${this.#value("i32", 2)}) ${drops.join(" ")}`;
  }

  /** A table of labels that all want the same. */
  #branchTable(): string {
    const first = this.#dice.below(this.#labels.length);
    const { types } = this.#label(first);
    const alike = [...this.#labels.keys()].filter(
      (depth) => this.#label(depth).types.join() === types.join(),
    );
    const labels = Array.from({ length: 4 }, () => this.#dice.of([first, ...alike]));
    const values = types.map((type) => this.#value(type, 1));
    const index = `(i32.and ${this.#value("i32", 1)} (i32.const 7))`;
    return `(br_table ${labels.join(" ")} ${values.join(" ")} ${index})`;
  }

  #trap(): string {
    return this.#rarely(() =>
      this.#dice.of([
        "unreachable",
        "(drop (i32.load (i32.const -1)))",
        "(drop (i32.div_u (i32.const 1) (i32.const 0)))",
        "(drop (call_indirect (type $unary) (i32.const 0) (i32.const 9)))",
      ]),
    );
  }

  #value(type: Type, depth: number): string {
    const local = `(local.get ${this.#dice.of(LOCALS[type])})`;
    if (depth <= 0) return this.#dice.below(3) > 0 ? local : this.#constant(type);
    const [left, right] = [this.#value(type, depth - 1), this.#value(type, depth - 1)];
    switch (this.#dice.below(9)) {
      case 0:
        return this.#converted(type, depth - 1);
      case 1:
        return `(local.tee ${this.#dice.of(LOCALS[type])} ${left})`;
      case 2:
        return `(select ${left} ${right} ${this.#value("i32", depth - 1)})`;
      case 3:
        return this.#budget > 0 ? this.#block("block", [type], 1) : left;
      case 4:
        return this.#budget > 0 ? this.#loop([type], 1) : right;
      case 5:
        return type === "i32" ? this.#called(left) : left;
      default:
        return `(${type}.${this.#dice.of(["add", "sub", "mul"])} ${left} ${right})`;
    }
  }

  #called(argument: string): string {
    return this.#dice.below(2) === 0
      ? `(call_indirect (type $unary) ${argument} (i32.const ${this.#dice.below(2)}))`
      : `(i32.load8_u (i32.and ${argument} (i32.const 65535)))`;
  }

  #constant(type: Type): string {
    return `(${type}.const ${this.#dice.below(9) - 2})`;
  }

  #converted(type: Type, depth: number): string {
    switch (type) {
      case "i32":
        return `(i32.lt_s ${this.#value("i32", depth)} ${this.#value("i32", depth)})`;
      case "i64":
        return `(i64.extend_i32_s ${this.#value("i32", depth)})`;
      case "f64":
        return `(f64.convert_i64_s ${this.#value("i64", depth)})`;
    }
  }

  #label(depth: number): Label {
    const label = this.#labels[this.#labels.length - 1 - depth];
    if (label === undefined) throw new Error(`There is no label ${depth}`);
    return label;
  }
}

/** The text of a module with a function `run` full of loops; equal seeds give equal programs. */
export function randomLoops(seed: number): string {
  return new Programmer(seed).program();
}
