import { BULK, type ByteWriter, OP, TYPE } from "../rewrite/index.ts";

/** Writes the code of a helper function, instruction by instruction. */
export class Assembler {
  readonly #out: ByteWriter;

  constructor(out: ByteWriter) {
    this.#out = out;
  }

  /** Declares locals behind the parameters: one of each type. */
  locals(...types: readonly number[]): this {
    this.#out.unsigned(types.length);
    for (const type of types) this.#out.all([1, type]);
    return this;
  }

  /** Instructions without immediates, or with those of one byte. */
  op(...bytes: readonly number[]): this {
    this.#out.all(bytes);
    return this;
  }

  get(...locals: readonly number[]): this {
    for (const local of locals) this.#indexed(OP.LOCAL_GET, local);
    return this;
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

  call(target: number): this {
    return this.#indexed(OP.CALL, target);
  }

  i32(value: number): this {
    this.#out.byte(OP.I32_CONST);
    this.#out.signed(value | 0);
    return this;
  }

  i64(value: number): this {
    this.#out.byte(OP.I64_CONST);
    this.#out.signed(value);
    return this;
  }

  /** A bulk operation with its indices. */
  bulk(opcode: number, ...indices: readonly number[]): this {
    this.#out.byte(0xfc);
    this.#out.unsigned(opcode - BULK);
    for (const index of indices) this.#out.unsigned(index);
    return this;
  }

  /** Takes a condition and does `then` if it holds. */
  if(then: () => void): this {
    this.op(OP.IF, TYPE.VOID);
    then();
    return this.op(OP.END);
  }

  /** Does `body`, and again while the condition that it leaves holds. */
  while(body: () => void): this {
    this.op(OP.LOOP, TYPE.VOID);
    body();
    return this.op(OP.BR_IF, 0, OP.END);
  }

  #indexed(opcode: number, index: number): this {
    this.#out.byte(opcode);
    this.#out.unsigned(index);
    return this;
  }
}
