import { BULK, ByteWriter, OP, TYPE, VECTOR } from "../../../wasm/rewrite/index.ts";
import { GLOBAL } from "../guest/index.ts";
import type { CodePlaces } from "./code-places.ts";
import type { StoreChecks } from "./store-checks.ts";
import { INT, type IntName } from "./wasm-op.ts";

const I32 = 0;
const I64 = 1;

/** Writes the instructions of one function and keeps its locals. */
export class Code {
  readonly out: ByteWriter;
  readonly #types: number[] = [];
  readonly #parameterCount: number;
  readonly #checks: StoreChecks | undefined;
  /** How many blocks are open: the label of the function's outermost block is `depth - 1`. */
  depth = 0;
  /** Guest address of the instruction that code is written for; else it is in the global for it. */
  place: number | undefined;
  /** Offsets in the code, each with the guest address from there on, where they are kept. */
  places: CodePlaces | undefined;

  /** @param checks what stands in for stores, where they are checked */
  constructor(parameterCount: number, capacityBytes = 256, checks?: StoreChecks) {
    this.out = new ByteWriter(capacityBytes);
    this.#parameterCount = parameterCount;
    this.#checks = checks;
  }

  /** What follows is written for the instruction at a guest address. */
  begin(address: number): void {
    this.place = address;
    this.places?.note(this.out.at, address);
  }

  /** Declares a local and returns its index. */
  local(type: number): number {
    this.#types.push(type);
    return this.#parameterCount + this.#types.length - 1;
  }

  op(...bytes: readonly number[]): this {
    for (const byte of bytes) this.out.byte(byte);
    return this;
  }

  get(local: number): this {
    return this.#indexed(OP.LOCAL_GET, local);
  }

  set(local: number): this {
    return this.#indexed(OP.LOCAL_SET, local);
  }

  tee(local: number): this {
    return this.#indexed(OP.LOCAL_TEE, local);
  }

  globalGet(index: number): this {
    return this.#indexed(OP.GLOBAL_GET, index);
  }

  globalSet(index: number): this {
    return this.#indexed(OP.GLOBAL_SET, index);
  }

  call(index: number): this {
    return this.#indexed(OP.CALL, index);
  }

  returnCall(index: number): this {
    return this.#indexed(OP.RETURN_CALL, index);
  }

  callIndirect(type: number, table: number): this {
    this.#indexed(OP.CALL_INDIRECT, type);
    this.out.unsigned(table);
    return this;
  }

  returnCallIndirect(type: number, table: number): this {
    this.#indexed(OP.RETURN_CALL_INDIRECT, type);
    this.out.unsigned(table);
    return this;
  }

  /** Whether a slot of a table, whose number is on the stack, has no function. */
  isNull(table: number): this {
    return this.#indexed(OP.TABLE_GET, table).op(OP.REF_IS_NULL);
  }

  i32(value: number): this {
    this.out.byte(OP.I32_CONST);
    this.out.signed(value | 0);
    return this;
  }

  /** A 64-bit constant of two halves; the high one is the sign of the low one if not given. */
  i64(low: number, high = low >> 31): this {
    this.out.byte(OP.I64_CONST);
    if (high === low >> 31) this.out.signed(low | 0);
    else this.out.signed64((BigInt(high | 0) << 32n) | BigInt(low >>> 0));
    return this;
  }

  /** An instruction on 64 bits if `sizeBytes` is 8, else on 32. */
  int(name: IntName, sizeBytes: number): this {
    this.out.byte(INT[name][sizeBytes === 8 ? I64 : I32]);
    return this;
  }

  i32op(...names: readonly IntName[]): this {
    for (const name of names) this.out.byte(INT[name][I32]);
    return this;
  }

  i64op(...names: readonly IntName[]): this {
    for (const name of names) this.out.byte(INT[name][I64]);
    return this;
  }

  /** A constant of the type that holds `sizeBytes`. */
  constant(value: number, sizeBytes: number): this {
    return sizeBytes === 8 ? this.i64(value) : this.i32(value);
  }

  /** A load or store; nothing is known of the alignment. */
  memory(opcode: number, offset: number): this {
    const checked = this.#checks?.functionFor({ kind: "plain", number: opcode });
    if (checked !== undefined) return this.i32(offset).#callChecked(checked);
    this.op(opcode, 0);
    this.out.unsigned(offset);
    return this;
  }

  vector(number: number, ...lanes: readonly number[]): this {
    this.out.byte(0xfd);
    this.out.unsigned(number >= VECTOR ? number - VECTOR : number);
    for (const lane of lanes) this.out.byte(lane);
    return this;
  }

  vectorMemory(number: number, offset: number, ...lanes: readonly number[]): this {
    const [lane] = lanes;
    const store = { kind: "vector", number, ...(lane !== undefined && { lane }) } as const;
    const checked = this.#checks?.functionFor(store);
    if (checked !== undefined) return this.i32(offset).#callChecked(checked);
    this.out.byte(0xfd);
    this.out.unsigned(number);
    this.out.byte(0);
    this.out.unsigned(offset);
    for (const lane of lanes) this.out.byte(lane);
    return this;
  }

  v128(...bytes: readonly number[]): this {
    return this.vector(12, ...Array.from({ length: 16 }, (_, at) => bytes[at] ?? 0));
  }

  /** A bulk operation or a saturating conversion: what follows the prefix 0xfc. */
  bulk(number: number, ...indices: readonly number[]): this {
    const checked = this.#checks?.functionFor({ kind: "bulk", number });
    if (checked !== undefined) return this.#callChecked(checked);
    this.out.byte(0xfc);
    this.out.unsigned(number >= BULK ? number - BULK : number);
    for (const index of indices) this.out.unsigned(index);
    return this;
  }

  block(type: number = TYPE.VOID): this {
    this.depth++;
    return this.op(OP.BLOCK, type);
  }

  loop(type: number = TYPE.VOID): this {
    this.depth++;
    return this.op(OP.LOOP, type);
  }

  if(type: number = TYPE.VOID): this {
    this.depth++;
    return this.op(OP.IF, type);
  }

  else(): this {
    return this.op(OP.ELSE);
  }

  end(): this {
    this.depth--;
    return this.op(OP.END);
  }

  br(label: number): this {
    return this.#indexed(OP.BR, label);
  }

  brIf(label: number): this {
    return this.#indexed(OP.BR_IF, label);
  }

  brTable(labels: readonly number[], otherwise: number): this {
    this.#indexed(OP.BR_TABLE, labels.length);
    for (const label of labels) this.out.unsigned(label);
    this.out.unsigned(otherwise);
    return this;
  }

  select(): this {
    return this.op(OP.SELECT);
  }

  drop(): this {
    return this.op(OP.DROP);
  }

  /** Writes size, locals and code into a code section. */
  writeBody(to: ByteWriter): void {
    const head = new ByteWriter(64);
    const runs: [count: number, type: number][] = [];
    for (const type of this.#types) {
      const last = runs.at(-1);
      if (last?.[1] === type) last[0]++;
      else runs.push([1, type]);
    }
    head.unsigned(runs.length);
    for (const [count, type] of runs) {
      head.unsigned(count);
      head.byte(type);
    }
    to.unsigned(head.at + this.out.at + 1);
    to.all(head.written());
    to.all(this.out.written());
    to.byte(OP.END);
  }

  /** Notes where the guest is, for functions that are called from there and write memory. */
  tellPlace(): this {
    if (this.#checks === undefined || this.place === undefined) return this;
    return this.i32(this.place).globalSet(GLOBAL.PC);
  }

  #callChecked(index: number): this {
    if (this.place === undefined) this.globalGet(GLOBAL.PC);
    else this.i32(this.place);
    return this.call(index);
  }

  #indexed(opcode: number, index: number): this {
    this.out.byte(opcode);
    this.out.unsigned(index);
    return this;
  }
}
