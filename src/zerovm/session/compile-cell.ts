import { ZvmError } from "../../base/index.ts";
import { type Cell, startCell } from "../cell/index.ts";
import type { ProgramModule } from "./module.ts";
import { armTimer } from "./timer.ts";

/** What compiling may take. */
const COMPILE_MS_MAX = 120_000;

/**
 * Has a cell compile the module that its sessions will run, and bring it to life.
 * @throws ZvmError ZVM_POOL when it does not; the cell is of no use then
 */
export async function compileInCell(cell: Cell, { module, order }: ProgramModule): Promise<void> {
  const running = startCell({
    order,
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
