import { closeSync, constants, fstatSync, openSync, readFileSync, readSync } from "node:fs";
import { printable, ZvmError } from "../../base/index.ts";
import { readNexeState, writeNexeImage } from "../../nacl/frozen/index.ts";
import { type Freezing, frozenModule, planFreezing } from "../../wasm/freeze/index.ts";
import { MODULE_BYTES_MAX, RECOGNISE_BYTES, recognise } from "../../wasm/index.ts";
import type { FrozenGuest } from "../cell/index.ts";
import { sha256Of } from "../program/index.ts";
import { reasonOf, type SessionFreezing } from "../session/index.ts";
import type { FreezeOptions } from "./options.ts";

/** What is left of a guest that was frozen. */
export interface Taken {
  readonly guest: FrozenGuest;
  /** The file that the cell wrote. */
  readonly fd: number;
  /** Of a Native Client program: the memory that it had, and where its heap ended. */
  readonly memoryBytes: number;
  readonly heapEnd: number;
}

/** How a program is frozen, by what it is. */
export interface FreezingPlan {
  /** What is run. */
  readonly probe: Uint8Array;
  readonly counts: Pick<SessionFreezing, "values" | "tables">;
  /** The image. @throws ZvmError ZVM_FREEZE for a state that no image can hold */
  image(taken: Taken): Uint8Array;
}

/** The file is read in whole, and no image holds more memory. */
const MEMORY_BYTES_MAX = 2 ** 30;
const PAGE_BYTES = 65_536;
const PIECE_BYTES = 2 ** 26;

/** @throws ZvmError ZVM_FREEZE for a program that cannot be frozen */
export function planFor(path: string, options: FreezeOptions): FreezingPlan {
  const source = readSource(path);
  const { kind } = recognise(source.subarray(0, RECOGNISE_BYTES));
  if (kind === "frozen") throw notFrozen(path, ["it is frozen already"]);
  return kind === "elf" ? planNexe(source, options) : planModule(source, path, options);
}

/** It is run to its point as it is: there everything is in memory and registers. */
function planNexe(source: Uint8Array, options: FreezeOptions): FreezingPlan {
  const { program, policy = "zerovm", initialiser } = options;
  if (initialiser !== undefined) {
    throw notFrozen(program, ["a Native Client program is frozen where it forks, with no --init"]);
  }
  return {
    probe: source,
    counts: { values: 0, tables: 0 },
    image({ guest: { clockNs, entropyBytes }, fd, memoryBytes, heapEnd }) {
      const state = readTaken(fd, program);
      const head = { policy, clockNs, entropyBytes, memoryBytes, heapEnd };
      return attempt(program, () => {
        // The cell wrote it, and is not believed.
        readNexeState(state, 0);
        return writeNexeImage(head, source, state, sha256Of);
      });
    },
  };
}

function planModule(source: Uint8Array, path: string, options: FreezeOptions): FreezingPlan {
  const { program, initialiser } = options;
  const freezing = plannedModule(source, path, initialiser);
  return {
    probe: freezing.probe,
    counts: { values: freezing.valueCount, tables: freezing.tableCount },
    image({ guest: { clockNs, entropyBytes, values }, fd }) {
      const memory = readTaken(fd, program);
      if (memory.length % PAGE_BYTES !== 0) {
        throw notFrozen(program, [`Its memory has ${memory.length} bytes, and no whole pages`]);
      }
      const shown = { memory, values, state: { clockNs, entropyBytes } };
      return attempt(program, () => frozenModule(freezing, shown, sha256Of));
    },
  };
}

function plannedModule(
  source: Uint8Array,
  path: string,
  initialiser: string | undefined,
): Freezing {
  try {
    return planFreezing(source, initialiser);
  } catch (error) {
    if (!(error instanceof ZvmError)) throw error;
    const [found] = error.diagnostics;
    const message = `${printable(path)} cannot be frozen: ${found?.message ?? error.message}`;
    const hint = found?.expected === undefined ? {} : { hint: `Expected: ${found.expected}` };
    throw new ZvmError("ZVM_FREEZE", message, {
      diagnostics: [{ severity: "error", message, ...hint }],
    });
  }
}

function attempt(program: string, make: () => Uint8Array): Uint8Array {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof ZvmError)) throw error;
    throw notFrozen(program, [error.diagnostics[0]?.message ?? error.message]);
  }
}

/** The error for a program and what stands against freezing it. */
export function notFrozen(program: string, problems: readonly string[]): ZvmError {
  const message = `${printable(program)} cannot be frozen: ${problems.join("; ")}`;
  const diagnostics = problems.map((problem) => {
    return { severity: "error", message: problem } as const;
  });
  return new ZvmError("ZVM_FREEZE", message, { diagnostics });
}

function readSource(path: string): Uint8Array {
  let fd: number;
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (cause) {
    const message = `Cannot open ${printable(path)}: ${reasonOf(cause)}`;
    throw new ZvmError("ZVM_PROGRAM_NOT_FOUND", message, { cause });
  }
  try {
    const stats = fstatSync(fd);
    if (!stats.isFile() || stats.size > MODULE_BYTES_MAX) {
      const most = `a file of at most ${MODULE_BYTES_MAX} bytes`;
      throw new ZvmError("ZVM_FREEZE", `${printable(path)} is not ${most}`);
    }
    return new Uint8Array(readFileSync(fd));
  } finally {
    closeSync(fd);
  }
}

/** What the cell wrote, which is not too much. */
function readTaken(fd: number, program: string): Uint8Array {
  const { size } = fstatSync(fd);
  if (size > MEMORY_BYTES_MAX) {
    const most = `an image holds ${MEMORY_BYTES_MAX} bytes at most`;
    throw notFrozen(program, [`Its memory has ${size} bytes, and ${most}`]);
  }
  const memory = new Uint8Array(size);
  for (let done = 0; done < size; ) {
    const got = readSync(fd, memory, done, Math.min(size - done, PIECE_BYTES), done);
    if (got === 0) break;
    done += got;
  }
  return memory;
}
