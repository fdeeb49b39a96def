import { closeSync } from "node:fs";
import { CellPool, type PoolOptions } from "../pool/index.ts";
import { compileInCell } from "./compile-cell.ts";
import type { ProgramModule } from "./module.ts";

/**
 * A pool whose cells have compiled a module before their session comes. It owns the module's file
 * from here on.
 * @throws ZvmError as `CellPool`
 */
export function compiledPool(
  opened: ProgramModule,
  options: Omit<PoolOptions, "prepare" | "compiled" | "onClose">,
): CellPool {
  const { module } = opened;
  try {
    return new CellPool({
      ...options,
      prepare: (cell) => compileInCell(cell, opened),
      compiled: module,
      onClose: () => closeSync(module.fd),
    });
  } catch (error) {
    closeSync(module.fd);
    throw error;
  }
}
