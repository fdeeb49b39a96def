import { type Descriptors, ZvmError } from "../../base/index.ts";
import { loadPoll } from "../libc/index.ts";
import type { CellOutcome } from "./answer-outcome.ts";
import { descriptorSource, hostDescriptors } from "./descriptors.ts";
import { outcomeOfError } from "./ending.ts";
import type { OrderFileSpan } from "./order.ts";

/** A module ready to run, or how every session with it ends. */
export type Compiled = WebAssembly.Module | CellOutcome;

/** Compiles the module of a file. */
export function compile(module: OrderFileSpan, descriptors: Descriptors): Compiled {
  try {
    return new WebAssembly.Module(wholeFile(descriptors, module));
  } catch (error) {
    if (error instanceof ZvmError && error.code === "ZVM_PROGRAM_REFUSED") {
      return { kind: "refused", message: error.message };
    }
    return outcomeOfError(error);
  }
}

/** All that a file of an order holds. */
export function wholeFile(
  descriptors: Descriptors,
  { fd, sizeBytes }: OrderFileSpan,
): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(sizeBytes);
  descriptorSource(descriptors, fd, sizeBytes).read(0, bytes);
  return bytes;
}

/** The same before there is a session, whose time could be over. */
export function compileAhead(module: OrderFileSpan): Compiled {
  const remainingMs = (): number => Number.POSITIVE_INFINITY;
  return compile(module, hostDescriptors({ waiting: new Set(), loadPoll, remainingMs }));
}
