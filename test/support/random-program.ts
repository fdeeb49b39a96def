import fc from "fast-check";

function functionText(statements: readonly string[], index: number): string {
  return `(func $f${index} (param $a i32) (result i32) (local $b i32) (local $x f64) (local $v v128)
    ${statements.join("\n")}
    (i32.add (local.get $a) (local.get $b)))`;
}

function body(level: number): fc.Arbitrary<string[]> {
  const { list } = fc.letrec<{ list: string[]; statement: string }>((tie) => ({
    list: fc.array(tie("statement"), { minLength: 0, maxLength: 5 }),
    statement: fc.oneof(
      { depthSize: "small", withCrossShrink: true },
      ...leaves(level),
      ...nodes(tie),
    ),
  }));
  return list;
}

const WORD = fc.constantFrom(
  "(local.get $a)",
  "(local.get $b)",
  "(i32.const 3)",
  "(i32.const -7)",
  "(i32.load8_u (i32.and (local.get $b) (i32.const 1023)))",
  "(i32.rem_s (local.get $a) (i32.const 5))",
  "(i32.trunc_sat_f64_s (local.get $x))",
);

const FLOAT = fc.constantFrom(
  "(local.get $x)",
  "(f64.const -0x1.8p3)",
  "(f64.const nan:0x4000000000001)",
  "(f64.div (f64.const 0) (f64.const 0))",
  "(f64.copysign (f64.const 2) (f64.sub (f64.const inf) (f64.const inf)))",
  "(f64.convert_i32_s (local.get $a))",
  "(f64.promote_f32 (f32.sqrt (f32.const -1)))",
  "(f64x2.extract_lane 1 (f64x2.mul (local.get $v) (f64x2.splat (local.get $x))))",
);

function leaves(level: number): fc.Arbitrary<string>[] {
  const address = "(i32.and (local.get $a) (i32.const 1023))";
  return [
    WORD.map((word) => `(local.set $b (i32.add (local.get $b) ${word}))`),
    WORD.map((word) => `(local.set $a (i32.xor ${word} (i32.mul (local.get $a) (i32.const 31))))`),
    WORD.map((word) => `(i32.store ${address} ${word})`),
    FLOAT.map((float) => `(local.set $x (f64.add (local.get $x) ${float}))`),
    FLOAT.map((float) => `(f64.store ${address} ${float})`),
    FLOAT.map((float) => `(local.set $v (f64x2.sub (f64x2.splat ${float}) (local.get $v)))`),
    fc.constant(`(v128.store ${address} (f32x4.add (local.get $v) (f32x4.neg (local.get $v))))`),
    FLOAT.map((float) => `(local.set $a (i32.wrap_i64 (i64.reinterpret_f64 ${float})))`),
    WORD.map((word) => `(memory.fill ${address} ${word} (i32.const 40))`),
    WORD.map((word) => `(memory.copy ${address} (i32.const 500) (i32.and ${word} (i32.const 63)))`),
    fc.constant("(drop (memory.grow (i32.and (local.get $b) (i32.const 1))))"),
    WORD.map((word) => `(if ${word} (then (return (local.get $b))))`),
    fc.constant("(if (i32.eq (local.get $a) (i32.const 77)) (then unreachable))"),
    fc.constant("(drop (i32.div_u (local.get $a) (local.get $b)))"),
    ...(level === 0 ? [] : [WORD.map((word) => `(local.set $b (call $f${level - 1} ${word}))`)]),
  ];
}

function nodes(tie: (key: "list") => fc.Arbitrary<unknown>): fc.Arbitrary<string>[] {
  const list = tie("list").map((lines) => (lines as string[]).join("\n"));
  const turn = "(global.set $turns (i32.sub (global.get $turns) (i32.const 1)))";
  const again = "(i32.gt_s (global.get $turns) (i32.const 0))";
  return [
    fc.tuple(WORD, list, list).map(([word, yes, no]) => `(if ${word} (then ${yes}) (else ${no}))`),
    fc.tuple(WORD, list).map(([word, yes]) => `(if ${word} (then ${yes}))`),
    fc
      .tuple(list, WORD, list)
      .map(([before, word, behind]) => `(block ${before} (br_if 0 ${word}) ${behind})`),
    fc.tuple(list, WORD, list).map(
      ([first, word, second]) => `(block (block (block ${first} (br_table 0 1 2 1 ${word}))
        ${second}) ${first})`,
    ),
    fc.tuple(list, list).map(
      ([first, second]) => `(block (loop ${turn} ${first}
        (br_if 1 (i32.eqz ${again})) ${second} (br 0)))`,
    ),
    list.map((lines) => `(loop ${lines} ${turn} (br_if 0 ${again}))`),
    fc.tuple(list, list).map(([first, second]) => `(block ${first} (br 0) ${second})`),
    fc.tuple(WORD, list).map(
      ([word, lines]) => `(local.set $b (block (result i32)
        ${lines} (br_if 0 ${word} (local.get $a)) (drop) (i32.const 9)))`,
    ),
  ];
}

/**
 * Modules in text form that end by themselves: three functions that call only earlier ones, with
 * blocks, loops of few turns, arms, tables of labels, returns, traps, memory, floats and bulk
 * operations. `run` is exported; it takes and gives a number.
 */
export const randomProgram: fc.Arbitrary<string> = fc.tuple(body(0), body(1), body(2)).map(
  (bodies) => `(module (memory (export "memory") 1 4)
      (global $turns (mut i32) (i32.const 0))
      ${bodies.map(functionText).join("\n")}
      (func (export "run") (param i32) (result i32)
        (global.set $turns (i32.const 60))
        (call $f2 (local.get 0))))`,
);
