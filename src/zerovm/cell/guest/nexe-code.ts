import { GUARD_EXPORTS } from "../../../wasm/meter/index.ts";
import type { CodeMaker } from "../../../zrt/index.ts";
import type { Further, FurtherRequest, Locate, Placed } from "../../further/index.ts";
import type { OrderFileSpan, OrderNexe } from "../order/index.ts";
import { framesOf } from "./engine-frames.ts";
import { type MadeRange, withoutRange } from "./made-ranges.ts";
import { NEXE_BASE } from "./nexe-guest.ts";

/** The guest that more code is for. */
export interface CodeGuest {
  readonly exports: Readonly<Record<string, unknown>>;
  readonly imports: WebAssembly.Imports;
  readonly memory: WebAssembly.Memory;
}

/** What it takes to make it. */
export interface NexeCodeSetting {
  readonly nexe: OrderNexe;
  readonly isOutlined: boolean;
  /** Reads a file of the order. */
  readonly read: (span: OrderFileSpan) => Uint8Array;
  /** The module that the guest began with. */
  readonly program: OrderFileSpan;
  /** The program, where that is not the file of the order. */
  readonly file?: Uint8Array;
  /** The guest, which lives by the time that it asks. */
  readonly guest: () => CodeGuest;
}

/** To judge a byte takes as long as so many units of other work. */
const UNITS_PER_BYTE = 16n;
/** More is not accepted as code at a time. */
const MADE_BYTES_MAX = 64 * 2 ** 20;
/** Modules that a guest may have beside its first one. */
const FURTHER_BYTES_MAX = 256 * 2 ** 20;

/**
 * Judges and translates what a Native Client guest comes to while it runs. The file of the program
 * and the translator are read when the first such thing happens: most programs never need them.
 */
export class NexeCode implements CodeMaker {
  readonly #setting: NexeCodeSetting;
  /** Slots of places in the text, by address. */
  readonly #slots = new Map<number, number>();
  readonly #freeSlots: number[] = [];
  /** What was made for slots, those of made code only as long as they have it. */
  readonly #placed = new Map<number, Placed["locate"]>();
  readonly #bytesOf = new Map<number, number>();
  #ranges: MadeRange[] = [];
  #further: Further | undefined;
  #bytes = 0;

  constructor(setting: NexeCodeSetting) {
    this.#setting = setting;
  }

  /** Whether the guest has code of its own at the moment. */
  get hasMade(): boolean {
    return this.#ranges.length > 0;
  }

  place(address: number): number | undefined {
    const range = this.#ranges.find(({ start, end }) => start <= address && address < end);
    const slots = range?.slots ?? this.#slots;
    const known = slots.get(address);
    if (known !== undefined) return known;
    const slot = range === undefined ? this.#placeInText(address) : this.#placeIn(range, address);
    if (slot !== undefined) slots.set(address, slot);
    return slot;
  }

  /** The guest address at which an error of the engine rose; undefined where it is not known. */
  addressOf({ stack = "" }: Error): number | undefined {
    const known = new Map<number | undefined, Locate | undefined>();
    for (const { slot, functionIndex, offset } of framesOf(stack)) {
      if (!known.has(slot)) known.set(slot, this.#locator(slot));
      const address = known.get(slot)?.(functionIndex, offset);
      if (address !== undefined) return address;
    }
    return undefined;
  }

  #locator(slot: number | undefined): Locate | undefined {
    if (slot !== undefined) return this.#placed.get(slot)?.();
    const { read, program } = this.#setting;
    return this.#tools().locateIn(read(program));
  }

  jail(start: number, size: number): boolean {
    this.#charge(size);
    const { memory } = this.#setting.guest();
    const from = start - NEXE_BASE;
    this.unjail(start, size);
    if (size > MADE_BYTES_MAX || from + size > memory.buffer.byteLength) return false;
    const range = this.#judged(new Uint8Array(memory.buffer, from, size).slice(), start);
    if (range !== undefined) this.#ranges.push(range);
    return range !== undefined;
  }

  unjail(start: number, size: number): void {
    this.#ranges = withoutRange(
      this.#ranges,
      start,
      start + size,
      (range) => this.#forget(range),
      (bytes, at) => this.#judged(bytes, at),
    );
  }

  #judged(bytes: Uint8Array, start: number): MadeRange | undefined {
    const made = this.#tools().judge(bytes, start);
    if (made === undefined) return undefined;
    return { start, end: start + bytes.length, bytes, made, slots: new Map() };
  }

  #placeInText(address: number): number | undefined {
    const region = this.#setting.nexe.regions.find(({ end }) => address < end);
    if (region?.access !== "rx") return undefined;
    const found = this.#tools().place(address);
    if (found === undefined) return undefined;
    this.#add(found);
    return found.slot;
  }

  #placeIn({ made }: MadeRange, address: number): number | undefined {
    const slot = this.#freeSlots.pop() ?? this.#places().grow(1);
    const found = made.place(address, slot);
    if (found === undefined) {
      this.#freeSlots.push(slot);
      return undefined;
    }
    this.#bytesOf.set(slot, found.module.length);
    this.#add(found);
    return slot;
  }

  #add({ module, slot, locate }: Placed): void {
    this.#placed.set(slot, locate);
    this.#bytes += module.length;
    if (this.#bytes > FURTHER_BYTES_MAX) {
      throw new RangeError(`More than ${FURTHER_BYTES_MAX} bytes of code were made while it ran`);
    }
    const { imports, exports } = this.#setting.guest();
    const all = { ...imports, guest: exports } as WebAssembly.Imports;
    new WebAssembly.Instance(new WebAssembly.Module(Uint8Array.from(module)), all);
  }

  #forget({ slots }: MadeRange): void {
    for (const slot of slots.values()) {
      this.#places().set(slot, null);
      this.#freeSlots.push(slot);
      this.#placed.delete(slot);
      this.#bytes -= this.#bytesOf.get(slot) ?? 0;
    }
  }

  #places(): WebAssembly.Table {
    return this.#setting.guest().exports["places"] as WebAssembly.Table;
  }

  /** What is judged is as long as the guest likes: it pays for that. */
  #charge(size: number): void {
    const counter = this.#setting.guest().exports[GUARD_EXPORTS.FUEL];
    if (counter === undefined) return;
    (counter as { value: bigint }).value -= BigInt(size) * UNITS_PER_BYTE;
  }

  #tools(): Further {
    this.#further ??= this.#open();
    return this.#further;
  }

  #open(): Further {
    const { nexe, read, isOutlined, guest } = this.#setting;
    const { further } = nexe;
    if (further?.translator === undefined) return NOTHING_FURTHER;
    const { exports } = guest();
    const guards = {
      hasFuel: exports[GUARD_EXPORTS.FUEL] !== undefined,
      asksForFuel: exports[GUARD_EXPORTS.MORE] !== undefined,
      hasStack: exports[GUARD_EXPORTS.STACK] !== undefined,
    };
    const file = this.#setting.file ?? read(further.program);
    const open = evaluated(read(further.translator));
    const { strictMemory = false } = further;
    return open({ file, policy: nexe.policy, strictMemory, guards, isOutlined });
  }
}

const NOTHING_FURTHER: Further = {
  locateIn: () => () => undefined,
  place: () => undefined,
  judge: () => undefined,
};

interface Translator {
  readonly openFurther: (request: FurtherRequest) => Further;
}

/** Runs the script, which is one of ours, and needs nothing but the language. */
function evaluated(script: Uint8Array): Translator["openFurther"] {
  const { compileFunction } = process.getBuiltinModule("node:vm");
  // The bundler writes ASCII only, which is read fastest so.
  const text = Buffer.from(script).toString("latin1");
  const module: { exports: Partial<Translator> } = { exports: {} };
  compileFunction(text, ["module", "exports"], { filename: "nexe.cjs" })(module, module.exports);
  const { openFurther } = module.exports;
  if (openFurther === undefined) throw new Error("the script translates nothing");
  return openFurther;
}
