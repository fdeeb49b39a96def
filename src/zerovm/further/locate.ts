import type { LocatedModule } from "../../nacl/translator/index.ts";
import { readModule } from "../../wasm/index.ts";
import { OriginFinder } from "../../wasm/outline/index.ts";

/**
 * The guest address of the instruction that a place in a module was made of.
 * @param offset of an instruction in the module, as the engine has it in its stack texts
 * @returns undefined for code that is of no instruction of the guest
 */
export type Locate = (functionIndex: number, offset: number) => number | undefined;

/** Finds addresses in a module that ran, by the one that the passes made it of. */
export function locateIn(ran: Uint8Array, { module, addressOf }: LocatedModule): Locate {
  const after = { bytes: ran, shape: readModule(ran) };
  const finder = new OriginFinder({ bytes: module, shape: readModule(module) }, after);
  return (functionIndex, offset) => {
    const place = finder.find(functionIndex, offset);
    return place && addressOf(place.functionIndex, place.codeOffset);
  };
}
