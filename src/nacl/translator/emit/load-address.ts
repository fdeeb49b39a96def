import { NO_REGISTER, RIP } from "../../x86/index.ts";
import { BASE_HIGH } from "../guest/index.ts";
import { type Emitter, R15 } from "./emitter.ts";
import type { Handler } from "./handler.ts";

/** lea: the address itself, of which nothing is accessed. */
export const loadAddress: Handler = (emitter) => {
  const to = emitter.operand(0);
  const size = emitter.sizeOf(to);
  if (size === 8) pushEffectiveAddress(emitter);
  else pushLowAddress(emitter);
  if (size === 2) emitter.code.i32(0xffff).i32op("AND");
  emitter.storeEnd(to, 0, size);
  if (size === 4) emitter.noteAddress();
};

/** Pushes the lower half of an address, which the base of the sandbox is no part of. */
function pushLowAddress(emitter: Emitter): void {
  const { at, code, guest, text } = emitter;
  const disp = text.disp[at] ?? 0;
  if (text.base[at] === RIP) code.i32(guest.addressBehind(at) + disp);
  else if (!emitter.pushSum(at)) code.i32(disp);
  else if (disp !== 0) code.i32(disp).i32op("ADD");
}

/** Pushes an address as a register has it, with all 64 bits. */
function pushEffectiveAddress(emitter: Emitter): void {
  const { at, code, guest, text } = emitter;
  const base = text.base[at] ?? NO_REGISTER;
  const index = text.index[at] ?? NO_REGISTER;
  const scale = text.scale[at] ?? 0;
  let low = text.disp[at] ?? 0;
  let high = 0;
  let terms = 0;
  if (base === RIP) low += guest.addressBehind(at);
  if (base === RIP || base === R15) high += BASE_HIGH;
  else if (base < RIP) {
    emitter.getRegister(base, 8);
    terms++;
  }
  if (index === R15) high += BASE_HIGH << scale;
  else if (index < RIP) {
    emitter.getRegister(index, 8);
    if (scale > 0) code.i64(scale).i64op("SHL");
    if (terms++ > 0) code.i64op("ADD");
  }
  high += Math.floor(low / 2 ** 32);
  if (terms > 0 && low === 0 && high === 0) return;
  code.i64(low, high);
  if (terms > 0) code.i64op("ADD");
}
