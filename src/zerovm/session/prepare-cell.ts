import { ZvmError } from "../../base/index.ts";
import type { Cell } from "../cell/index.ts";
import type { Outcome } from "../report/index.ts";
import type { SessionRequest } from "./request.ts";
import { runOrPrepare } from "./run-session.ts";

/**
 * Runs the guest of a session in this cell until it is at its point, where it waits for the order
 * of another session.
 * @throws ZvmError ZVM_POOL when it never comes there; the cell is of no use then
 */
export async function prepareCell(request: SessionRequest, cell: Cell): Promise<void> {
  let isWaiting = false;
  const report = await runOrPrepare(request, {
    cell,
    onWaiting(channels) {
      isWaiting = true;
      cell.prepared = channels;
    },
  });
  if (isWaiting) return;
  const how = howItEnded(report.outcome);
  throw new ZvmError("ZVM_POOL", `The program did not come to its point: ${how}`);
}

function howItEnded(outcome: Outcome): string {
  switch (outcome.kind) {
    case "exited":
      return `it ended with exit code ${outcome.code}`;
    case "limited":
      return `it met its limit of ${outcome.limit}`;
    case "refused":
      return outcome.findings[0]?.message ?? "it was refused";
    case "judged":
      return "it was only judged";
    default:
      return outcome.message;
  }
}
