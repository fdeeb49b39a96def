import { malformed } from "../index.ts";
import { BodyCursor, VOID_BLOCK } from "./body-cursor.ts";
import { BodyLocals } from "./body-locals.ts";
import type { BodyPlace } from "./body-place.ts";
import { ControlStack } from "./control-stack.ts";
import type { ModuleTypes } from "./module-types.ts";
import { OP } from "./opcode.ts";

/** How many things of each kind a module has: what a body may name. */
export interface IndexBounds {
  readonly globals: number;
}

/**
 * Walks over a body with its open blocks and the height of its stack. A pass calls `advance`,
 * looks at `cursor` and at the state before the instruction, then calls `apply`. Indices of
 * functions, types, globals, locals and labels are checked, because a pass adds some that the
 * module must not name.
 */
export class BodyWalk {
  readonly cursor: BodyCursor;
  readonly control = new ControlStack();
  readonly locals = new BodyLocals();
  readonly types: ModuleTypes;
  readonly #bounds: IndexBounds;
  /** How many results the function has. */
  results = 0;

  constructor(bytes: Uint8Array, types: ModuleTypes, bounds: IndexBounds) {
    this.cursor = new BodyCursor(bytes);
    this.types = types;
    this.#bounds = bounds;
  }

  /** Stands before the first instruction of a body. */
  begin(body: BodyPlace): void {
    const { params, results } = this.types.arity(
      this.types.ofFunction(body.functionIndex, body.start),
      body.start,
    );
    this.cursor.open(body.start, body.end);
    this.locals.read(this.cursor, params);
    this.results = results.length;
    this.control.begin(results.length);
  }

  /** Takes the next instruction. @returns false behind the last. */
  advance(): boolean {
    if (this.cursor.advance()) return true;
    if (this.control.depth === 0) return false;
    throw malformed(this.cursor.at, "a function body has no end");
  }

  /** Brings blocks and stack to behind the instruction. */
  apply(): void {
    const { opcode } = this.cursor;
    if (opcode >= OP.LOCAL_GET && opcode <= OP.GLOBAL_SET) this.#checkVariable(opcode);
    if (opcode === OP.REF_FUNC) this.types.ofFunction(this.cursor.first, this.cursor.start);
    if (!this.control.apply(opcode)) this.#steer(opcode);
  }

  #checkVariable(opcode: number): void {
    const { first, start } = this.cursor;
    const isLocal = opcode <= OP.LOCAL_TEE;
    const count = isLocal ? this.locals.count : this.#bounds.globals;
    if (first < count) return;
    throw malformed(start, `there is no ${isLocal ? "local" : "global"} ${first}`);
  }

  #steer(opcode: number): void {
    const { cursor, control } = this;
    switch (opcode) {
      case OP.BLOCK:
      case OP.LOOP:
      case OP.TRY:
      case OP.TRY_TABLE:
        this.#openBlock(opcode);
        return;
      case OP.IF:
        control.pop(1);
        this.#openBlock(opcode);
        return;
      case OP.ELSE:
        if (control.opcode !== OP.IF) throw malformed(cursor.start, "an else without its if");
        control.otherwise(OP.ELSE, control.params);
        return;
      case OP.END:
        this.#close();
        return;
      case OP.CALL:
        this.#call(this.types.ofFunction(cursor.first, cursor.start));
        return;
      case OP.CALL_INDIRECT:
        control.pop(1);
        this.types.checkType(cursor.first, cursor.start);
        this.#call(cursor.first);
        return;
      case OP.BR_IF:
        control.pop(1);
        control.checkLabel(cursor.first, cursor.start);
        return;
      default:
        this.#leave(opcode);
    }
  }

  #openBlock(opcode: number): void {
    const { cursor, control, types } = this;
    const type = cursor.first;
    if (opcode === OP.TRY_TABLE) {
      cursor.eachCatch((label) => control.checkLabel(label, cursor.start));
    }
    if (type < 0) control.open(opcode, 0, type === VOID_BLOCK ? 0 : 1);
    else {
      types.checkType(type, cursor.start);
      control.open(opcode, types.paramCounts[type] ?? 0, types.resultCounts[type] ?? 0);
    }
  }

  #close(): void {
    const { cursor, control } = this;
    control.close();
    if (control.depth === 0 && cursor.at !== cursor.end) {
      throw malformed(cursor.at, "code behind the end of a function body");
    }
  }

  #call(type: number): void {
    this.control.pop(this.types.paramCounts[type] ?? 0);
    this.control.push(this.types.resultCounts[type] ?? 0);
  }

  /** Instructions after which code is dead, and those of exceptions. */
  #leave(opcode: number): void {
    const { cursor, control, types } = this;
    const { first, start } = cursor;
    switch (opcode) {
      case OP.BR:
        control.checkLabel(first, start);
        break;
      case OP.BR_TABLE:
        control.checkLabel(cursor.labelMax, start);
        break;
      case OP.RETURN_CALL:
        types.ofFunction(first, start);
        break;
      case OP.RETURN_CALL_INDIRECT:
        types.checkType(first, start);
        break;
      case OP.CATCH:
        if (!isTry(control.opcode)) throw malformed(start, "a catch without its try");
        control.otherwise(OP.CATCH, types.ofTag(first, start).params.length);
        return;
      case OP.CATCH_ALL:
        if (!isTry(control.opcode)) throw malformed(start, "a catch without its try");
        control.otherwise(OP.CATCH_ALL, 0);
        return;
      case OP.DELEGATE:
        this.#close();
        return;
      default:
    }
    control.kill();
  }
}

function isTry(opcode: number): boolean {
  return opcode === OP.TRY || opcode === OP.CATCH;
}
