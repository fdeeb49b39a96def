import { type NexePolicy, readNexe } from "../../nacl/elf/index.ts";
import {
  type FurtherCode,
  type MadeCode,
  type PlaceModule,
  translateFurther,
} from "../../nacl/translator/index.ts";
import { validate } from "../../nacl/validator/index.ts";
import { BUNDLE_BYTES } from "../../nacl/x86/index.ts";
import { readModule } from "../../wasm/index.ts";
import { GUARD_EXPORTS, type PrepareOptions, prepareModule } from "../../wasm/meter/index.ts";
import { chooseFunctions, outlineLoops } from "../../wasm/outline/index.ts";
import { type Locate, locateIn } from "./locate.ts";

/** What the module of a guest is counted by: further modules are counted in the same way. */
export interface GuestGuards {
  readonly hasFuel: boolean;
  readonly asksForFuel: boolean;
  readonly hasStack: boolean;
}

/** A program that runs, and how its module was prepared. */
export interface FurtherRequest {
  /** The program file, which was accepted. */
  readonly file: Uint8Array;
  readonly policy: NexePolicy;
  readonly strictMemory: boolean;
  readonly guards: GuestGuards;
  readonly isOutlined: boolean;
}

/** A module for a place, after the passes. */
export interface Placed {
  readonly module: Uint8Array;
  readonly slot: number;
  /** For faults in it; it takes as long as to make it. */
  locate(): Locate | undefined;
}

/** Judges and translates what a program comes to while it runs. */
export interface Further {
  /** For faults in the first module; it takes as long as to translate it. */
  locateIn(ran: Uint8Array): Locate;
  /** A place of its text; undefined where no bundle of it begins. */
  place(address: number): Placed | undefined;
  /** Code that it made at an address; undefined where the policy does not accept it. */
  judge(bytes: Uint8Array, start: number): Made | undefined;
}

/** Code that a program made, in a copy. */
export interface Made {
  /** As `place`, for a slot that nothing else is in. */
  place(address: number, slot: number): Placed | undefined;
}

/** Module that further ones import the state of the guest from. */
const GUEST = "guest";
const HALT = 0xf4;
/** No policy accepts it. */
const NO_INSTRUCTION = 0xc3;

/** Makes ready what it takes for one guest; most of the work is done when it is needed. */
export function openFurther(request: FurtherRequest): Further {
  const { file, policy, strictMemory } = request;
  let known: FurtherCode | undefined;
  const code = (): FurtherCode => {
    known ??= translateFurther(file, readNexe(file, policy), { strictMemory });
    return known;
  };
  return {
    locateIn: (ran) => locateIn(ran, code().first()),
    place: (address) => placed(() => code().more(address), request),
    judge(bytes, start) {
      if (!isAccepted(bytes, policy)) return undefined;
      const copy = bytes.slice();
      let made: MadeCode | undefined;
      return {
        place(address, slot) {
          made ??= code().made(copy, start);
          const { more } = made;
          return placed(() => more(address, slot), request);
        },
      };
    },
  };
}

/** Whether exactly these bytes are valid code: the last instruction must not go beyond them. */
function isAccepted(bytes: Uint8Array, policy: NexePolicy): boolean {
  const whole = new Uint8Array(Math.ceil(bytes.length / BUNDLE_BYTES) * BUNDLE_BYTES).fill(HALT);
  whole.set(bytes);
  if (validate(whole, { policy }).findings.length > 0) return false;
  if (whole.length === bytes.length) return true;
  const last = whole.slice(-BUNDLE_BYTES);
  const end = bytes.length % BUNDLE_BYTES;
  last.fill(NO_INSTRUCTION, end);
  return validate(last, { policy }).findings.some(({ offset }) => offset === end);
}

function placed(make: () => PlaceModule | undefined, request: FurtherRequest): Placed | undefined {
  const found = make();
  if (found === undefined) return undefined;
  const locate = (): Locate | undefined => {
    const again = make();
    return again && locateIn(passed(again.module, request), again);
  };
  return { module: passed(found.module, request), slot: found.slot, locate };
}

/** A module after the passes that the guest's first one went through. */
function passed(module: Uint8Array, { guards, isOutlined }: FurtherRequest): Uint8Array {
  const shape = readModule(module);
  const functions = isOutlined ? chooseFunctions(module, shape) : [];
  const prepared = prepareModule(module, optionsOf(guards), shape);
  if (functions.length === 0) return prepared;
  const after = readModule(prepared);
  const globals = after.imports.filter(({ kind }) => kind === "global");
  const fuelGlobal = globals.findIndex(({ name }) => name === GUARD_EXPORTS.FUEL);
  const options = { functions, ...(fuelGlobal >= 0 && { fuelGlobal }) };
  return outlineLoops(prepared, after, options);
}

/** The numbers do not matter: what is left is with the guest. */
function optionsOf({ hasFuel, asksForFuel, hasStack }: GuestGuards): PrepareOptions {
  return {
    ...(hasFuel && { fuel: 0n, asksForFuel }),
    ...(hasStack && { stackBytes: 0 }),
    slices: true,
    guardsOf: GUEST,
  };
}
