import {
  BodyEdits,
  type BodyPlace,
  BodyWalk,
  BULK_OP,
  type ByteWriter,
  EFFECT_VARIES,
  type EmitEdit,
  type IndexBounds,
  type ModuleTypes,
  OP,
  POPS,
} from "../rewrite/index.ts";
import { BodyCode } from "./body-code.ts";
import type { BulkHelpers } from "./bulk-helpers.ts";
import { COSTS } from "./cost-table.ts";
import { EDIT } from "./edit-kind.ts";
import { FloatSettling } from "./float-settling.ts";
import { frameBytes, LEAF_FRAME_BYTES_MAX } from "./frame-cost.ts";
import { FuelSteering } from "./fuel-steering.ts";
import type { Guards } from "./guards.ts";

/** The block type of what a function gives. */
export type ResultBlock = (functionIndex: number) => readonly number[];

/** What the pass works with. */
export interface BodyPassParts {
  readonly bytes: Uint8Array;
  readonly types: ModuleTypes;
  readonly bounds: IndexBounds;
  readonly guards: Guards;
  readonly helpers: BulkHelpers;
  readonly resultBlock: ResultBlock;
  readonly canonicalNans: boolean;
}

/** Instructions at which more is done: they steer, or others take their place. */
const STEERS: Uint8Array = POPS.map((pops) => (pops === EFFECT_VARIES ? 1 : 0));
STEERS[OP.MEMORY_GROW] = 1;
for (const opcode of Object.values(BULK_OP)) STEERS[opcode] = 1;

/** Rewrites bodies: one walk finds all that is to be changed, then the body is written. */
export class BodyPass {
  readonly #parts: BodyPassParts;
  readonly #walk: BodyWalk;
  readonly #edits = new BodyEdits();
  readonly #fuel: FuelSteering;
  readonly #floats: FloatSettling;
  readonly #code: BodyCode;
  readonly #isMetered: boolean;
  readonly #emit: EmitEdit;
  #hasCall = false;
  #isLeft = false;
  #catches = false;

  constructor(parts: BodyPassParts) {
    this.#parts = parts;
    this.#walk = new BodyWalk(parts.bytes, parts.types, parts.bounds);
    const { cursor, control } = this.#walk;
    this.#fuel = new FuelSteering(this.#edits, control);
    this.#floats = new FloatSettling(cursor, control, this.#edits);
    this.#code = new BodyCode(parts.guards);
    this.#isMetered = parts.guards.fuel !== undefined;
    this.#emit = (out, kind, value) => this.#code.write(out, kind, value);
  }

  /** Writes what a body becomes. */
  rewrite(body: BodyPlace, out: ByteWriter): void {
    const { cursor, control } = this.#walk;
    this.#walk.begin(body);
    const entryCharge = this.#begin();
    const floats = this.#parts.canonicalNans ? this.#floats : undefined;
    let cost = 0;
    while (this.#walk.advance()) {
      const { opcode } = cursor;
      if (control.isDead) {
        this.#passDead(opcode);
        continue;
      }
      cost += COSTS[opcode] ?? 1;
      if (floats?.looksAt(opcode)) floats.before(opcode);
      if (STEERS[opcode] === 0) {
        this.#walk.apply();
        continue;
      }
      if (this.#isMetered) this.#fuel.runs.add(cost);
      cost = 0;
      this.#steer(opcode);
    }
    if (this.#isMetered && this.#hasCall) this.#edits.setKind(entryCharge, EDIT.CHARGE_CHECKED);
    this.#write(body, out);
  }

  /** @returns the edit that charges what comes first. */
  #begin(): number {
    const { locals } = this.#walk;
    this.#edits.clear();
    this.#hasCall = false;
    this.#isLeft = false;
    this.#catches = false;
    this.#edits.insert(locals.codeStart, EDIT.ENTRY, 0);
    if (this.#isMetered) this.#fuel.begin(locals.codeStart);
    this.#floats.begin();
    return this.#edits.count - 1;
  }

  #passDead(opcode: number): void {
    const { cursor, control } = this.#walk;
    const block = control.opcode;
    if (opcode === OP.END && control.depth === 1) this.#endFunction();
    this.#walk.apply();
    if (POPS[opcode] !== EFFECT_VARIES) return;
    this.#floats.afterSteering();
    if (this.#isMetered) this.#fuel.steer(opcode, cursor.at, block, false);
  }

  #endFunction(): void {
    this.#edits.insert(this.#walk.cursor.start, EDIT.LAST_EXIT, 0);
  }

  #steer(opcode: number): void {
    const { cursor, control } = this.#walk;
    if (POPS[opcode] !== EFFECT_VARIES) {
      this.#replaceBulk(opcode);
      return;
    }
    const block = control.opcode;
    const isCall = opcode === OP.CALL || opcode === OP.CALL_INDIRECT;
    if (isCall) this.#hasCall = true;
    if (isCall || opcode === OP.THROW || opcode === OP.RETHROW || opcode === OP.THROW_REF) {
      if (this.#isMetered) this.#fuel.spill(cursor.start);
    }
    this.#leave(opcode, control.depth - 1);
    this.#walk.apply();
    this.#floats.afterSteering();
    this.#resetStack(opcode);
    if (!this.#isMetered) return;
    if (isCall) this.#edits.insert(cursor.at, EDIT.RELOAD, 0);
    else this.#fuel.steer(opcode, cursor.at, block, true);
  }

  /** Helpers take from the fuel themselves. */
  #replaceBulk(opcode: number): void {
    const { cursor } = this.#walk;
    const helper = this.#parts.helpers.inPlaceOf(opcode, cursor.first, cursor.second);
    if (helper !== undefined) {
      if (this.#isMetered) this.#fuel.spill(cursor.start);
      this.#edits.replace(cursor.start, cursor.at, EDIT.CALL, helper);
      if (this.#isMetered) this.#edits.insert(cursor.at, EDIT.RELOAD, 0);
    }
    this.#walk.apply();
  }

  /** Ways out of the function; `outermost` is the label of the function itself. */
  #leave(opcode: number, outermost: number): void {
    const { cursor } = this.#walk;
    switch (opcode) {
      case OP.BR:
      case OP.BR_IF:
        if (cursor.first === outermost) this.#isLeft = true;
        return;
      case OP.BR_TABLE:
        cursor.eachLabel((label) => {
          if (label === outermost) this.#isLeft = true;
        });
        return;
      case OP.TRY_TABLE:
        cursor.eachCatch((label) => {
          if (label === outermost) this.#isLeft = true;
        });
        return;
      case OP.RETURN:
        this.#isLeft = true;
        this.#edits.replace(cursor.start, cursor.at, EDIT.RETURN, outermost);
        return;
      case OP.RETURN_CALL:
      case OP.RETURN_CALL_INDIRECT:
        this.#edits.insert(cursor.start, EDIT.EXIT, 0);
        return;
      case OP.END:
        if (outermost === 0) this.#endFunction();
        return;
      default:
    }
  }

  /** An exception passes by the ends of functions: where it is caught, depth is taken back. */
  #resetStack(opcode: number): void {
    const { at } = this.#walk.cursor;
    switch (opcode) {
      case OP.TRY:
      case OP.TRY_TABLE:
        this.#catches = true;
        return;
      case OP.END:
        if (this.#catches && this.#walk.control.depth > 0) this.#edits.insert(at, EDIT.CAUGHT, 0);
        return;
      case OP.LOOP:
      case OP.CATCH:
      case OP.CATCH_ALL:
        this.#edits.insert(at, EDIT.CAUGHT, 0);
        return;
      default:
    }
  }

  #write(body: BodyPlace, out: ByteWriter): void {
    const { locals, control } = this.#walk;
    const { bytes, guards, resultBlock } = this.#parts;
    const frame = frameBytes({
      locals: locals.count,
      operandsMax: control.heightMax,
      results: this.#walk.results,
      hasVectors: locals.hasVectors || this.#walk.cursor.hasVectors,
    });
    const isCounted = guards.stack !== undefined && (this.#hasCall || frame > LEAF_FRAME_BYTES_MAX);
    this.#code.begin(
      {
        localCount: locals.count,
        hasLoop: this.#fuel.hasLoop,
        hasTightLoop: this.#fuel.hasTightLoop,
        isCounted,
        frameBytes: frame,
        isLeft: this.#isLeft,
        catches: this.#catches,
        resultBlock: () => resultBlock(body.functionIndex),
      },
      this.#floats.settledTypes(),
    );
    const added = this.#code.addedLocals;
    if (added.length > 0) {
      out.unsigned(locals.groupCount + added.length);
      out.copy(bytes, locals.groupsStart, locals.codeStart);
      for (const type of added) {
        out.byte(1);
        out.byte(type);
      }
    } else out.copy(bytes, body.start, locals.codeStart);
    this.#edits.write(out, bytes, locals.codeStart, body.end, this.#emit);
  }
}
