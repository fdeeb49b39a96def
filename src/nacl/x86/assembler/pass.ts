import { BUNDLE_BYTES } from "../index.ts";
import { AssemblyError, BadText, MissingName } from "./assembly-error.ts";
import { countOf, dataOf, zerosOf } from "./data.ts";
import { encode } from "./encode.ts";
import { evaluate, type Lookup } from "./expression.ts";
import { nops } from "./padding.ts";
import type { Statement } from "./statement.ts";

export type SectionName = "text" | "rodata" | "data" | "bss";

/** First address of each section. */
export type SectionAddresses = Readonly<Record<SectionName, number>>;

/** What the pass before found out: addresses, and the jumps that need their long form. */
export interface Knowledge {
  readonly addresses: SectionAddresses;
  readonly symbols: ReadonlyMap<string, bigint>;
  readonly far: Set<Statement>;
  /** In the last pass a symbol that has no value is an error. */
  readonly final: boolean;
}

const SECTION_BYTES_MAX = 64 * 1024 * 1024;
const ALIGNMENT_MAX = 65536;

/** Directives that say nothing about the bytes. */
const SILENT = /^\.(globl|global|type|size|file|ident|local|weak|hidden|cfi_\w+|loc)$/;

/** One pass over all statements with the addresses that the pass before found. */
export class Pass {
  readonly bytes: Readonly<Record<SectionName, number[]>> = {
    text: [],
    rodata: [],
    data: [],
    bss: [],
  };
  readonly symbols = new Map<string, bigint>();
  bssSize = 0;
  private readonly known: Knowledge;
  private section: SectionName = "text";
  private pending: string[] = [];
  private bundleBytes = BUNDLE_BYTES;
  private readonly lookup: Lookup;

  constructor(known: Knowledge) {
    this.known = known;
    this.lookup = (name) => {
      if (name === ".") return BigInt(this.address);
      const value = this.known.symbols.get(name);
      if (value === undefined && known.final) throw new MissingName(name);
      return value;
    };
  }

  /** Puts everything; throws `AssemblyError`. */
  run(statements: readonly Statement[]): void {
    for (let at = 0; at < statements.length; at++) {
      const statement = statements[at];
      if (statement === undefined) return;
      try {
        if (isDirective(statement, ".bundle_lock")) at = this.putGroup(statements, at);
        else this.put(statement);
      } catch (error) {
        if (error instanceof BadText) {
          const missing = error instanceof MissingName ? error.symbol : undefined;
          throw new AssemblyError(error.message, statement.line, statement.text, missing);
        }
        throw error;
      }
    }
    this.definePending();
  }

  private get address(): number {
    const used = this.section === "bss" ? this.bssSize : this.bytes[this.section].length;
    return this.known.addresses[this.section] + used;
  }

  private put(statement: Statement): void {
    switch (statement.kind) {
      case "label":
        if (this.symbols.has(statement.name) || this.pending.includes(statement.name)) {
          throw new BadText(`"${statement.name}" is defined twice`);
        }
        this.pending.push(statement.name);
        return;
      case "constant": {
        const value = evaluate(statement.value, this.lookup);
        if (value !== undefined) this.symbols.set(statement.name, value);
        return;
      }
      case "instruction": {
        const length = this.encode(statement, this.address).length;
        if (this.section === "text") this.padFor(length, false);
        this.append(this.encode(statement, this.address));
        return;
      }
      case "directive":
        this.direct(statement.name, statement.arguments);
    }
  }

  private encode(statement: Statement, address: number): Uint8Array {
    if (statement.kind !== "instruction") return new Uint8Array(0);
    let shortest: Uint8Array | undefined;
    const { far } = this.known;
    const surroundings = {
      address: BigInt(address),
      lookup: this.lookup,
      prefix: statement.prefix,
    };
    for (const [candidate, pairing] of statement.choices) {
      const isNear = candidate.form.immediate === "near";
      if (isNear && far.has(statement) && statement.choices.length > 1) continue;
      const bytes = encode(candidate, pairing, surroundings);
      if (bytes === undefined && isNear && statement.choices.length > 1) far.add(statement);
      if (bytes !== undefined && bytes.length < (shortest?.length ?? Infinity)) shortest = bytes;
    }
    if (shortest === undefined) throw new BadText("no encoding holds these operands");
    return shortest;
  }

  /** Nops, so that so many bytes do not cross the end of a bundle, or end with it. */
  private padFor(length: number, toEnd: boolean): void {
    if (this.bundleBytes === 1) return;
    if (length > this.bundleBytes) throw new BadText(`${length} bytes are more than a bundle`);
    const used = this.address % this.bundleBytes;
    const crosses = used + length > this.bundleBytes;
    const left = crosses ? this.bundleBytes - used : 0;
    const start = crosses ? 0 : used;
    const count = toEnd ? left + this.bundleBytes - start - length : left;
    this.bytes.text.push(...nops(this.address, count, this.bundleBytes));
  }

  private append(bytes: Uint8Array): void {
    this.definePending();
    const target = this.bytes[this.section];
    if (this.section === "bss") throw new BadText(".bss holds zeros only");
    if (target.length + bytes.length > SECTION_BYTES_MAX) throw new BadText("a section too large");
    for (const byte of bytes) target.push(byte);
  }

  private definePending(): void {
    for (const name of this.pending) this.symbols.set(name, BigInt(this.address));
    this.pending = [];
  }

  /** Everything up to `.bundle_unlock` as one piece; returns the place of that. */
  private putGroup(statements: readonly Statement[], at: number): number {
    const lock = statements[at];
    let end = at + 1;
    while (end < statements.length && !isDirective(statements[end], ".bundle_unlock")) end++;
    if (end === statements.length || lock?.kind !== "directive") {
      throw new BadText("no .bundle_unlock follows");
    }
    const inner = statements.slice(at + 1, end);
    let length = 0;
    for (const statement of inner) {
      length +=
        statement.kind === "directive"
          ? (dataOf(statement.name, statement.arguments, this.lookup)?.length ?? 0)
          : this.encode(statement, this.address).length;
    }
    this.padFor(length, lock.arguments.includes("align_to_end"));
    for (const statement of inner) this.put(statement);
    return end;
  }

  private direct(name: string, parts: readonly string[]): void {
    const section = name === ".section" ? (parts[0] ?? "") : name;
    const match = /^\.(text|rodata|data|bss)(\.[\w.]+)?$/.exec(section);
    if (match !== null) {
      this.definePending();
      this.section = match[1] as SectionName;
      return;
    }
    if (name === ".bundle_align_mode") {
      this.bundleBytes = 2 ** countOf(parts[0] ?? "", this.lookup, 5);
      return;
    }
    const alignment = this.alignmentOf(name, parts[0] ?? "");
    if (alignment !== undefined) {
      this.align(alignment);
      return;
    }
    const zeros = this.section === "bss" ? zerosOf(name, parts, this.lookup) : undefined;
    if (zeros !== undefined) {
      this.definePending();
      this.bssSize += zeros;
      return;
    }
    if (name === ".comm") {
      this.reserve(parts);
      return;
    }
    const data = dataOf(name, parts, this.lookup);
    if (data !== undefined) this.append(data);
    else if (!SILENT.test(name)) throw new BadText(`unknown directive "${name}"`);
  }

  /** `.comm NAME, SIZE, ALIGNMENT`: zeros with a name, whatever the section is. */
  private reserve([name = "", size = "", alignment = "1"]: readonly string[]): void {
    const { section } = this;
    this.definePending();
    this.section = "bss";
    this.align(countOf(alignment, this.lookup, ALIGNMENT_MAX));
    this.pending.push(name);
    this.definePending();
    this.bssSize += countOf(size, this.lookup, 2 ** 32);
    this.section = section;
  }

  private alignmentOf(name: string, count: string): number | undefined {
    if (name === ".p2align") return 2 ** countOf(count, this.lookup, 16);
    if (name !== ".balign" && name !== ".align") return undefined;
    return countOf(count, this.lookup, ALIGNMENT_MAX);
  }

  private align(bytes: number): void {
    this.definePending();
    if (bytes < 2) return;
    const count = (bytes - (this.address % bytes)) % bytes;
    if (this.section === "bss") this.bssSize += count;
    else if (this.section === "text") {
      this.bytes.text.push(...nops(this.address, count, BUNDLE_BYTES));
    } else this.append(new Uint8Array(count));
  }
}

function isDirective(statement: Statement | undefined, name: string): boolean {
  return statement?.kind === "directive" && statement.name === name;
}
