import {
  BY_SUFFIX,
  GROUP,
  GROUPS,
  NOTHING,
  PLAIN_ENTRIES,
  REX_FORMS,
  SUFFIX_FORMS,
  VEX_ENTRIES,
} from "./dispatch.ts";
import { ENCODING, FACTS, SIZE_S, SIZE_V, SIZE_Y } from "./facts.ts";
import { readImmediate } from "./immediate.ts";
import { HIGH_BYTE, type Instructions, NO_REGISTER, PREFIX, RIP } from "./instructions.ts";
import { decodeLongNop, isZeroNop } from "./long-nop.ts";

/** Prefix bytes as bits: the mandatory ones as in `MANDATORY`, then lock and the two hints. */
const LEGACY = new Uint8Array(256);
LEGACY[0x66] = 1;
LEGACY[0xf2] = 2;
LEGACY[0xf3] = 4;
LEGACY[0xf0] = 8;
LEGACY[0x2e] = 16;
LEGACY[0x3e] = 32;
const LOCK = 8;
const HINTS = 48;

const REX_W = 8;
const REX_R = 4;
const REX_X = 2;
const REX_B = 1;
/** Not a bit of REX: there was a VEX prefix, whose bits are then those of REX. */
const IS_VEX = 0x100;

/** Constants, so that the engine need not look them up for every instruction. */
const { encoding: FORM_ENCODINGS, size: FORM_SIZES } = FACTS;

/** Decodes the instructions of one array of bytes. Holds a position, so that none is made anew. */
export class Decoder {
  private readonly bytes: Uint8Array;
  private at = 0;
  private rex = 0;
  private vvvv = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  /**
   * Decodes the instruction at `start` into the fields of number `slot`, and returns its length, or
   * 0 where no accepted instruction begins there that ends at or before `limit`. What it then left
   * in the fields has no meaning. Never throws; what lies at or behind `limit` changes nothing.
   */
  decode(start: number, limit: number, out: Instructions, slot: number): number {
    this.at = start;
    const legacy = this.readPrefixes();
    if (legacy < 0) return decodeLongNop(this.bytes, start, limit, out, slot);
    const entry = this.readEntry(legacy);
    const form = this.resolve(entry);
    if (form < 0) return 0;
    const encoding = FORM_ENCODINGS[form] ?? 0;
    const size = this.sizeOf(form, encoding, legacy);
    if (size < 0 || !this.modrmFits(encoding)) return 0;
    out.offset[slot] = start;
    out.form[slot] = form;
    out.size[slot] = size;
    out.prefixes[slot] = this.prefixesOf(encoding, legacy);
    out.vvvv[slot] = (encoding & ENCODING.vvvv) === 0 ? NO_REGISTER : this.vvvv;
    this.readRegisters(encoding, out, slot);
    if ((legacy & LOCK) !== 0 && out.rm[slot] !== NO_REGISTER) return 0;
    if ((encoding & ENCODING.fixedNop) !== 0 && !isZeroNop(this.bytes, start + 3)) return 0;
    const end = readImmediate(this.bytes, this.at, form, out, slot);
    if (end < 0) return 0;
    this.at = end;
    if ((encoding & ENCODING.suffix) !== 0) {
      const chosen = SUFFIX_FORMS[this.bytes[this.at++] ?? 0] ?? 0;
      if (chosen === 0) return 0;
      out.form[slot] = chosen - 1;
    }
    if (this.at > limit) return 0;
    const length = this.at - start;
    out.length[slot] = length;
    return length;
  }

  /** The legacy prefixes as bits, or -1 where one is repeated or 66 is followed by 2E. */
  private readPrefixes(): number {
    const { bytes } = this;
    let legacy = 0;
    let byte = bytes[this.at] ?? 0;
    let kind = LEGACY[byte] ?? 0;
    while (kind !== 0) {
      if ((legacy & kind) !== 0 || (legacy === 1 && kind === 16)) return -1;
      legacy |= kind;
      byte = bytes[++this.at] ?? 0;
      kind = LEGACY[byte] ?? 0;
    }
    this.rex = 0;
    if ((byte & 0xf0) === 0x40) {
      this.rex = byte;
      this.at++;
    }
    return legacy;
  }

  /** Reads the opcode and gives its entry in the dispatch arrays. */
  private readEntry(legacy: number): number {
    const { bytes } = this;
    const byte = bytes[this.at++] ?? 0;
    if ((byte & 0xfe) === 0xc4) return legacy | this.rex ? NOTHING : this.readVexEntry(byte);
    const mandatory = (legacy & 7) << 8;
    if (byte !== 0x0f) return PLAIN_ENTRIES[mandatory | byte] ?? NOTHING;
    const second = bytes[this.at++] ?? 0;
    if (second === 0x38) return PLAIN_ENTRIES[0x1000 | mandatory | this.next()] ?? NOTHING;
    if (second === 0x3a) return PLAIN_ENTRIES[0x1800 | mandatory | this.next()] ?? NOTHING;
    return PLAIN_ENTRIES[0x800 | mandatory | second] ?? NOTHING;
  }

  private readVexEntry(first: number): number {
    let map = 1;
    let second = this.next();
    let rex = IS_VEX | (second & 0x80 ? 0 : REX_R);
    if (first === 0xc4) {
      map = second & 0x1f;
      if (map > 3) return NOTHING;
      rex |= (second & 0x40 ? 0 : REX_X) | (second & 0x20 ? 0 : REX_B);
      second = this.next();
      if (second & 0x80) rex |= REX_W;
    }
    this.rex = rex;
    this.vvvv = (~second >> 3) & 15;
    const prefix = second & 3;
    const mandatory = prefix === 3 ? 2 : prefix === 2 ? 4 : prefix;
    const wide = ((second & 4) >> 1) | (rex & REX_W ? 1 : 0);
    const entry = (((map << 3) | mandatory) << 2) | wide;
    return VEX_ENTRIES[(entry << 8) | this.next()] ?? NOTHING;
  }

  private next(): number {
    return this.bytes[this.at++] ?? 0;
  }

  /** The form of an entry, by the modrm byte where it takes that; -1 where there is none. */
  private resolve(entry: number): number {
    if (entry < GROUP) {
      if (entry === NOTHING) return -1;
      const other = REX_FORMS[entry - 1] ?? 0;
      return other !== 0 && this.rex !== 0 ? other - 1 : entry - 1;
    }
    const modrm = this.bytes[this.at] ?? 0;
    if (entry === BY_SUFFIX) return FIRST_SUFFIX_FORM;
    const place = (modrm >= 0xc0 ? 8 : 0) | ((modrm >> 3) & 7);
    let inner = GROUPS[((entry - GROUP) << 4) | place] ?? NOTHING;
    if (inner >= GROUP) inner = GROUPS[((inner - GROUP) << 4) | (modrm & 7)] ?? NOTHING;
    return inner - 1;
  }

  /** Whether the form takes a register, or memory, as the modrm byte says. */
  private modrmFits(encoding: number): boolean {
    if ((encoding & ENCODING.modrm) === 0) return true;
    const isRegister = (this.bytes[this.at] ?? 0) >= 0xc0;
    return (encoding & (isRegister ? ENCODING.register : ENCODING.memory)) !== 0;
  }

  /** The operand size, or -1 where a prefix is not accepted with the form. */
  private sizeOf(form: number, encoding: number, legacy: number): number {
    const { rex } = this;
    if ((legacy & LOCK) !== 0 && (encoding & ENCODING.lock) === 0) return -1;
    const hints = legacy & HINTS;
    if (hints !== 0 && ((encoding & ENCODING.hint) === 0 || hints === HINTS)) return -1;
    if (rex !== 0) {
      if ((encoding & (ENCODING.noRex | ENCODING.fixedNop)) !== 0) return -1;
      if ((rex & IS_VEX) !== 0 && (encoding & ENCODING.vvvv) === 0 && this.vvvv !== 0) return -1;
      if ((rex & REX_W) !== 0) {
        if ((encoding & ENCODING.noRexW) !== 0) return -1;
        if ((encoding & ENCODING.sizeByPrefix) !== 0 && (legacy & 1) !== 0) return -1;
      }
    }
    const size = FORM_SIZES[form] ?? 0;
    if (size < SIZE_V) return size;
    if (size === SIZE_S) return (legacy & 1) !== 0 ? 2 : 8;
    if ((rex & REX_W) !== 0) return 8;
    return (legacy & 1) !== 0 && size !== SIZE_Y ? 2 : 4;
  }

  private prefixesOf(encoding: number, legacy: number): number {
    const { rex } = this;
    let prefixes = (legacy & LOCK) | ((legacy & HINTS) !== 0 ? PREFIX.hint : 0);
    if ((encoding & ENCODING.repMeaning) !== 0) prefixes |= legacy & 6;
    if ((encoding & ENCODING.sizeByPrefix) !== 0) prefixes |= legacy & 1;
    if ((rex & IS_VEX) !== 0) return prefixes | PREFIX.vex;
    return prefixes | (rex === 0 ? 0 : PREFIX.rex) | ((rex & REX_W) << 2);
  }

  /** Fills in registers and memory operand, and steps over the bytes of modrm. */
  private readRegisters(encoding: number, out: Instructions, slot: number): void {
    const { rex } = this;
    if ((encoding & ENCODING.modrm) === 0) {
      let register = 0;
      if ((encoding & ENCODING.opcodeRegister) !== 0) {
        register = ((this.bytes[this.at - 1] ?? 0) & 7) | ((rex & REX_B) << 3);
        if ((encoding & ENCODING.byteRm) !== 0) register = this.byteRegister(register);
      }
      out.rm[slot] = register;
      out.reg[slot] = NO_REGISTER;
      noMemory(out, slot);
      return;
    }
    const modrm = this.next();
    let reg = ((modrm >> 3) & 7) | ((rex & REX_R) << 1);
    if ((encoding & REG_SPECIAL) !== 0) {
      reg = (encoding & ENCODING.lowReg) !== 0 ? reg & 7 : this.byteRegister(reg);
    }
    out.reg[slot] = reg;
    const mod = modrm >> 6;
    if (mod !== 3) {
      this.readMemory(mod, modrm & 7, out, slot);
      return;
    }
    let rm = (modrm & 7) | ((rex & REX_B) << 3);
    if ((encoding & RM_SPECIAL) !== 0) {
      rm = (encoding & ENCODING.lowRm) !== 0 ? rm & 7 : this.byteRegister(rm);
    }
    out.rm[slot] = rm;
    noMemory(out, slot);
  }

  private byteRegister(register: number): number {
    return this.rex === 0 && (register & 0xc) === 4 ? register - 4 + HIGH_BYTE : register;
  }

  private readMemory(mod: number, low: number, out: Instructions, slot: number): void {
    const { rex } = this;
    let base = low | ((rex & REX_B) << 3);
    let index = NO_REGISTER;
    let scale = 0;
    let displaced = mod;
    if (low === 4) {
      const sib = this.next();
      base = (sib & 7) | ((rex & REX_B) << 3);
      index = ((sib >> 3) & 7) | ((rex & REX_X) << 2);
      scale = sib >> 6;
      if (index === 4) index = NO_REGISTER;
      if (mod === 0 && (sib & 7) === 5) {
        base = NO_REGISTER;
        displaced = 2;
      }
    } else if (mod === 0 && low === 5) {
      base = RIP;
      displaced = 2;
    }
    out.rm[slot] = NO_REGISTER;
    out.base[slot] = base;
    out.index[slot] = index;
    out.scale[slot] = scale;
    out.disp[slot] = displaced === 0 ? 0 : displaced === 1 ? this.signedByte() : this.word();
  }

  private signedByte(): number {
    return (this.next() << 24) >> 24;
  }

  private word(): number {
    const { bytes, at } = this;
    this.at = at + 4;
    const low = (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8);
    return low | ((bytes[at + 2] ?? 0) << 16) | ((bytes[at + 3] ?? 0) << 24);
  }
}

const REG_SPECIAL = ENCODING.byteReg | ENCODING.lowReg;
const RM_SPECIAL = ENCODING.byteRm | ENCODING.lowRm;

/** All 3DNow! instructions have the same operands: any of them says how to read them. */
const FIRST_SUFFIX_FORM = (SUFFIX_FORMS.find((form) => form !== 0) ?? 1) - 1;

function noMemory(out: Instructions, slot: number): void {
  out.base[slot] = NO_REGISTER;
  out.index[slot] = NO_REGISTER;
  out.scale[slot] = 0;
  out.disp[slot] = 0;
}
