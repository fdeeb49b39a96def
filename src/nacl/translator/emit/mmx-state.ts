import { GLOBAL } from "../guest/index.ts";
import type { Handler, Handlers } from "./handler.ts";
import { isMmx } from "./vector.ts";

/** Instructions of MMX take the registers over: all have values, from the first one on. */
export function enteringMmx(handler: Handler): Handler {
  return (emitter) => {
    const { code } = emitter;
    const places = emitter.form.operands
      .filter(isMmx)
      .map((operand) => ({ place: emitter.place(operand), writes: operand.writes }));
    if (places.some(({ place }) => place.kind === "register")) {
      code.i32(0).globalSet(GLOBAL.X87_TOP).i32(0).globalSet(GLOBAL.X87_EMPTY);
    }
    for (const { place, writes } of places) {
      if (!writes || place.kind !== "register") continue;
      code.i32(0xffff).globalSet(GLOBAL.X87_SIGN + place.register);
    }
    handler(emitter);
  };
}

const leaveMmx: Handler = ({ code }) => {
  code.i32(0).globalSet(GLOBAL.X87_TOP).i32(0xff).globalSet(GLOBAL.X87_EMPTY);
};

/** The end of MMX. */
export const MMX_STATE: Handlers = { emms: leaveMmx, femms: leaveMmx };
