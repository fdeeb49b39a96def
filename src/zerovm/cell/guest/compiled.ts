import { type Descriptors, ZvmError } from "../../../base/index.ts";
import { loadPoll } from "../../libc/index.ts";
import { descriptorSource, hostDescriptors } from "../machine/index.ts";
import type { CellOutcome, ModuleOrder, Order, OrderFileSpan } from "../order/index.ts";
import { outcomeOfError } from "./ending.ts";
import { type MadeInstance, makeInstance, memoryBytes } from "./made-instance.ts";

/** A module ready to run, or how every session with it ends. */
export type Compiled = WebAssembly.Module | CellOutcome;

/** Compiles the module of a file. */
export function compile(module: OrderFileSpan, descriptors: Descriptors): Compiled {
  return attempt(() => new WebAssembly.Module(wholeFile(descriptors, module)));
}

function attempt<Made>(make: () => Made): Made | CellOutcome {
  try {
    return make();
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

/** What a cell has of its program before its order comes. */
export interface Ahead {
  readonly module: Compiled;
  /** Absent where the session has to make it. */
  readonly made?: MadeInstance;
}

/** Compiles a module before there is a session, whose time could be over, and brings it to life. */
export function compileAhead({ module: span, nexe }: ModuleOrder): Ahead {
  const remainingMs = (): number => Number.POSITIVE_INFINITY;
  const descriptors = hostDescriptors({ waiting: new Set(), loadPoll, remainingMs });
  const ahead = attempt(() => {
    const bytes = wholeFile(descriptors, span);
    const module = new WebAssembly.Module(bytes);
    const made = makeInstance(module, bytes, nexe !== undefined);
    return made === undefined ? { module } : { module, made };
  });
  return "kind" in ahead ? { module: ahead } : ahead;
}

/**
 * The memory of an instance that was made for another program, or for other limits, than those of
 * the order: the engine takes it back when it pleases, and until then the process has both.
 */
export function unusedBytes({ program }: Pick<Order, "program">, ahead?: Ahead): number {
  return program.compiled === true ? 0 : memoryBytes(ahead?.made);
}
