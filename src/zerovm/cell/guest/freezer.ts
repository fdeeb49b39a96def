import { PROBE } from "../../../wasm/freeze/index.ts";
import type { Zrt } from "../../../zrt/index.ts";
import type { FrozenGuest, OrderFreezing } from "../order/index.ts";
import { cutMessage } from "./ending.ts";
import type { World } from "./world.ts";

/** Calls that change what is found in no file and no memory afterwards. */
const CHANGING: ReadonlySet<string> = new Set([
  "fd_fdstat_set_flags",
  "fd_fdstat_set_rights",
  "fd_filestat_set_times",
  "path_filestat_set_times",
  "path_link",
  "path_remove_directory",
  "path_rename",
  "path_unlink_file",
  "set_create_mode",
  "path_chmod",
  "fd_chmod",
  "path_chown",
  "fd_chown",
  "chdir",
  "fchdir",
]);

/** Memory is written in pieces of this size, and none that is all zeros. */
const PIECE_BYTES = 65_536;
const ZEROS = Buffer.alloc(PIECE_BYTES);

/** Takes down what is left of a guest that has come to its end. */
export class Freezer {
  readonly #world: World;
  readonly #asked: OrderFreezing;
  readonly #called = new Set<string>();
  /** What stood in the tables when the guest began. */
  #tables: readonly (readonly unknown[])[] = [];

  constructor(world: World, asked: OrderFreezing) {
    this.#world = world;
    this.#asked = asked;
  }

  /** The guest's imports; calls that leave something behind are taken note of. */
  watch(imports: WebAssembly.Imports): WebAssembly.Imports {
    const modules = Object.entries(imports).map(([module, calls]) => {
      const watched = Object.entries(calls).map(([name, call]) => {
        const isWatched = CHANGING.has(name) && typeof call === "function";
        return [name, isWatched ? this.#watched(name, call) : call] as const;
      });
      return [module, Object.fromEntries(watched)] as const;
    });
    return Object.fromEntries(modules);
  }

  #watched(name: string, call: CallableFunction): CallableFunction {
    return (...args: unknown[]): unknown => {
      const errno: unknown = call(...args);
      if (errno === 0) this.#called.add(name);
      return errno;
    };
  }

  /** The instance exists, and nothing but its start function has run. */
  begin(exports: Readonly<Record<string, unknown>>): void {
    this.#tables = tablesOf(exports, this.#asked.tables);
  }

  /** Writes the memory down. @throws HostIoError when the host cannot */
  take(exports: Readonly<Record<string, unknown>>, memory: WebAssembly.Memory): FrozenGuest {
    const { zrt, progress, descriptors } = this.#world;
    const problems = [...this.#problems(exports, zrt)];
    const { clockNs = 0n, entropyBytes = 0n } = progress ?? {};
    if (problems.length > 0) return { values: [], clockNs, entropyBytes, problems };
    const values: bigint[] = [];
    for (let at = 0; at < this.#asked.values; at += 1) {
      const read = exports[`${PROBE.VALUE}${at}`];
      values.push(typeof read === "function" ? BigInt.asUintN(64, BigInt(read())) : 0n);
    }
    const bytes = new Uint8Array(memory.buffer);
    const { fd } = this.#asked;
    for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
      const piece = bytes.subarray(at, at + PIECE_BYTES);
      if (ZEROS.equals(piece)) continue;
      descriptors.write(fd, bytes, at, piece.length, at);
    }
    descriptors.truncate(fd, bytes.length);
    return { values, clockNs, entropyBytes, problems };
  }

  #problems(exports: Readonly<Record<string, unknown>>, zrt: Zrt): string[] {
    const now = tablesOf(exports, this.#asked.tables);
    const tables = now.flatMap((table, index) => {
      const before = this.#tables[index] ?? [];
      const isSame = table.length === before.length && table.every((it, at) => it === before[at]);
      return isSame ? [] : [`The table ${index} was changed`];
    });
    const calls = [...this.#called].map((name) => `It called ${name}, whose effect would be lost`);
    return [...tables, ...calls, ...zrt.leftovers()].map(cutMessage);
  }
}

function tablesOf(exports: Readonly<Record<string, unknown>>, count: number): unknown[][] {
  const tables: unknown[][] = [];
  for (let at = 0; at < count; at += 1) {
    const table = exports[`${PROBE.TABLE}${at}`];
    if (!(table instanceof WebAssembly.Table)) continue;
    tables.push(Array.from({ length: table.length }, (_, index): unknown => table.get(index)));
  }
  return tables;
}
