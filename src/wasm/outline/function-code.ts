import { type BodyCursor, OP, VOID_BLOCK } from "../rewrite/index.ts";
import type { Body } from "./bodies.ts";
import { type FunctionType, isPlainType, type ValueType } from "./function-type.ts";

/** A function with more locals is left as it is. */
const LOCALS_MAX = 500;

export type ConstructKind = "function" | "block" | "loop" | "if";

/** What a branch can aim at: a block, loop or if, or the function itself, which is number 0. */
export interface Construct {
  readonly kind: ConstructKind;
  /** Index of its first instruction; -1 for the function. */
  readonly head: number;
  readonly parameters: readonly ValueType[];
  readonly results: readonly ValueType[];
  /** Its block type as the module writes it: a stretch of the file. */
  readonly typeStart: number;
  readonly typeEnd: number;
  /** The innermost loop around it, or -1. */
  readonly outerLoop: number;
  /** Index of its `else`, or -1. */
  otherwise: number;
  /** Index of its `end`. */
  tail: number;
  /** Whether its last instruction can be passed; a branch to a block counts as well. */
  fallsThrough: boolean;
}

/** A function body as a list of instructions in columns, its labels resolved to constructs. */
export interface FunctionCode {
  readonly bytes: Uint8Array;
  readonly opcodes: readonly number[];
  /** Offset of each instruction, and one more behind the last. */
  readonly offsets: readonly number[];
  /** Of a local its index; of a branch its target; of what opens or closes a construct, that. */
  readonly operands: readonly number[];
  /** Targets of each `br_table`, by the index of the instruction; the default comes last. */
  readonly tables: ReadonlyMap<number, readonly number[]>;
  readonly constructs: readonly Construct[];
  /** Types of all locals, parameters first. */
  readonly locals: readonly ValueType[];
}

/** The function type of an index; undefined where there is none, or none that locals can hold. */
export type TypeAt = (typeIndex: number) => FunctionType | undefined;

/** What values a branch to the construct carries. */
export function labelTypes(construct: Construct): readonly ValueType[] {
  return construct.kind === "loop" ? construct.parameters : construct.results;
}

/**
 * Decodes a body.
 * @returns undefined for what this pass leaves alone: exceptions, references that cannot be
 *   null, very many locals; and for bytes that are no valid code, which the engine refuses.
 * @throws ZvmError for an instruction that is unknown or cut off
 */
export function decodeFunction(
  cursor: BodyCursor,
  { start, end }: Body,
  type: FunctionType,
  typeAt: TypeAt,
): FunctionCode | undefined {
  cursor.open(start, end);
  const locals = decodeLocals(cursor, type);
  if (locals === undefined) return undefined;
  const decoder = new Decoder(cursor, type, typeAt, locals);
  return decoder.run() ? decoder : undefined;
}

function decodeLocals(cursor: BodyCursor, type: FunctionType): ValueType[] | undefined {
  const locals = [...type.parameters];
  for (let groups = cursor.u32(); groups > 0; groups--) {
    const count = cursor.u32();
    const valueType = cursor.bytes[cursor.at++] ?? 0;
    if (!isPlainType(valueType) || locals.length + count > LOCALS_MAX) return undefined;
    for (let left = count; left > 0; left--) locals.push(valueType);
  }
  return locals;
}

class Decoder implements FunctionCode {
  readonly bytes: Uint8Array;
  readonly opcodes: number[] = [];
  readonly offsets: number[] = [];
  readonly operands: number[] = [];
  readonly tables = new Map<number, readonly number[]>();
  readonly constructs: Construct[];
  readonly locals: readonly ValueType[];
  readonly #cursor: BodyCursor;
  readonly #typeAt: TypeAt;
  /** Blocks and ifs to which a branch that can be reached leads. */
  readonly #isAimedAt = new Set<number>();
  /** Constructs that are open, innermost last. */
  readonly #open: number[] = [0];
  /** Loops among them. */
  readonly #loops: number[] = [];
  #isReachable = true;
  /** Whether an instruction that this pass does not move was met. */
  #isForeign = false;

  constructor(
    cursor: BodyCursor,
    type: FunctionType,
    typeAt: TypeAt,
    locals: readonly ValueType[],
  ) {
    this.bytes = cursor.bytes;
    this.locals = locals;
    this.#cursor = cursor;
    this.#typeAt = typeAt;
    const { results } = type;
    this.constructs = [makeConstruct({ kind: "function", head: -1, results })];
  }

  /** @returns whether the whole body was understood. */
  run(): boolean {
    const cursor = this.#cursor;
    while (this.#open.length > 0 && !this.#isForeign) {
      if (!cursor.advance()) return false;
      const index = this.opcodes.length;
      this.opcodes.push(cursor.opcode);
      this.offsets.push(cursor.start);
      this.operands.push(this.#operandOf(index));
    }
    this.offsets.push(cursor.at);
    return !this.#isForeign && cursor.at === cursor.end;
  }

  #operandOf(index: number): number {
    const { opcode, first } = this.#cursor;
    switch (opcode) {
      case OP.BLOCK:
      case OP.LOOP:
      case OP.IF:
        return this.#enter(opcode, index);
      case OP.ELSE:
        return this.#otherwise(index);
      case OP.END:
        return this.#leave(index);
      case OP.BR:
      case OP.BR_IF:
        return this.#branch(first, opcode === OP.BR);
      case OP.BR_TABLE:
        return this.#table(index);
      case OP.LOCAL_GET:
      case OP.LOCAL_SET:
      case OP.LOCAL_TEE:
        if (first >= this.locals.length) this.#isForeign = true;
        return first;
      default:
        return this.#other(opcode);
    }
  }

  #other(opcode: number): number {
    if (isEndOfPath(opcode)) this.#isReachable = false;
    else if (isException(opcode)) this.#isForeign = true;
    return 0;
  }

  #enter(opcode: number, index: number): number {
    const type = this.#blockType(this.#cursor.first);
    if (type === undefined) {
      this.#isForeign = true;
      return 0;
    }
    const kind = opcode === OP.BLOCK ? "block" : opcode === OP.LOOP ? "loop" : "if";
    const number = this.constructs.length;
    const stretch = { typeStart: this.#cursor.start + 1, typeEnd: this.#cursor.at };
    const outerLoop = this.#loops.at(-1) ?? -1;
    const construct = makeConstruct({ kind, head: index, ...type, ...stretch, outerLoop });
    // The condition of an `if` without `else` leads past it.
    construct.fallsThrough = kind === "if" && this.#isReachable;
    this.constructs.push(construct);
    this.#open.push(number);
    if (kind === "loop") this.#loops.push(number);
    return number;
  }

  #blockType(first: number): FunctionType | undefined {
    if (first === VOID_BLOCK) return { parameters: [], results: [] };
    if (first >= 0) return this.#typeAt(first);
    const byte = first + 0x80;
    return isPlainType(byte) ? { parameters: [], results: [byte] } : undefined;
  }

  #otherwise(index: number): number {
    const number = this.#open.at(-1) ?? 0;
    const construct = this.constructs[number];
    if (construct?.kind !== "if" || construct.otherwise >= 0) this.#isForeign = true;
    else {
      const isEntered = construct.fallsThrough;
      construct.otherwise = index;
      construct.fallsThrough = this.#isReachable || this.#isAimedAt.has(number);
      this.#isReachable = isEntered;
    }
    return number;
  }

  #leave(index: number): number {
    const number = this.#open.pop() ?? 0;
    const construct = this.constructs[number];
    if (construct === undefined) return number;
    construct.tail = index;
    if (construct.kind === "loop") this.#loops.pop();
    construct.fallsThrough ||= this.#isReachable || this.#isAimedAt.has(number);
    this.#isReachable = construct.fallsThrough;
    return number;
  }

  #branch(depth: number, isAlways: boolean): number {
    const target = this.#target(depth);
    if (isAlways) this.#isReachable = false;
    return target;
  }

  #target(depth: number): number {
    const target = this.#open[this.#open.length - 1 - depth];
    if (target === undefined) {
      this.#isForeign = true;
      return 0;
    }
    const isLoop = this.constructs[target]?.kind === "loop";
    if (this.#isReachable && !isLoop) this.#isAimedAt.add(target);
    return target;
  }

  #table(index: number): number {
    const targets: number[] = [];
    this.#cursor.eachLabel((depth) => targets.push(this.#target(depth)));
    this.tables.set(index, targets);
    this.#isReachable = false;
    return 0;
  }
}

function isEndOfPath(opcode: number): boolean {
  switch (opcode) {
    case OP.UNREACHABLE:
    case OP.RETURN:
    case OP.RETURN_CALL:
    case OP.RETURN_CALL_INDIRECT:
      return true;
    default:
      return false;
  }
}

function isException(opcode: number): boolean {
  switch (opcode) {
    case OP.TRY:
    case OP.CATCH:
    case OP.THROW:
    case OP.RETHROW:
    case OP.THROW_REF:
    case OP.DELEGATE:
    case OP.CATCH_ALL:
    case OP.TRY_TABLE:
      return true;
    default:
      return false;
  }
}

function makeConstruct(
  known: Partial<Construct> & Pick<Construct, "kind" | "head" | "results">,
): Construct {
  return {
    parameters: [],
    typeStart: 0,
    typeEnd: 0,
    outerLoop: -1,
    otherwise: -1,
    tail: -1,
    fallsThrough: false,
    ...known,
  };
}
