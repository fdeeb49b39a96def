import { ZvmError } from "../../base/index.ts";
import { type Cell, type CompiledModule, encodeModuleOrder, startCell } from "../cell/index.ts";
import { armTimer } from "./timer.ts";

/** What compiling may take. */
const COMPILE_MS_MAX = 120_000;

/**
 * Has a cell compile the module that its sessions will run.
 * @throws ZvmError ZVM_POOL when it does not; the cell is of no use then
 */
export async function compileInCell(cell: Cell, module: CompiledModule): Promise<void> {
  const running = startCell({
    order: encodeModuleOrder(module.sizeBytes),
    handovers: [module.fd],
    answerBytesMax: 0,
    onStart: () => undefined,
    cell,
    prepares: true,
  });
  const timer = armTimer(COMPILE_MS_MAX, () => running.kill());
  const { account, defect, hostFailure, lastWords } = await running.end;
  timer.cancel();
  if (account === undefined) {
    const why = defect ?? hostFailure ?? lastWords.trim();
    throw new ZvmError("ZVM_POOL", `A cell could not compile the program: ${why}`);
  }
  cell.compiled = module;
}
