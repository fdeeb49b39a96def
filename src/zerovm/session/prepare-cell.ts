import { ZvmError } from "../../base/index.ts";
import type { Cell } from "../cell/index.ts";
import type { Outcome, Report } from "../report/index.ts";
import { Repeatable } from "./repeatable.ts";
import type { SessionRequest } from "./request.ts";
import { runOrPrepare } from "./run-session.ts";

/**
 * Runs the guest of a session in this cell until it is at its point, where it waits for the order
 * of another session.
 * @returns what it did so far
 * @throws ZvmError ZVM_POOL when it never comes there; the cell is of no use then
 */
export async function prepareCell(request: SessionRequest, cell: Cell): Promise<Report> {
  let isWaiting = false;
  const report = await runOrPrepare(request, {
    cell,
    onWaiting(guest) {
      isWaiting = true;
      cell.prepared = guest;
    },
  });
  if (isWaiting) return report;
  const how = howItEnded(report.outcome);
  throw new ZvmError("ZVM_POOL", `The program did not come to its point: ${how}`);
}

/** A session that was run in a cell, to its point or to its end. */
export interface PreparedOnce {
  /** How it went so far; `classic.daemon` says that the guest waits. */
  readonly report: Report;
  /** How to have it in other cells, where the guest waits; to be closed by whoever has it. */
  readonly again?: Repeatable;
}

/**
 * Runs a session in this cell with all that it does on the host. Where its guest comes to its
 * point it waits there, and other cells can be prepared to be like this one.
 */
export async function prepareOnce(request: SessionRequest, cell: Cell): Promise<PreparedOnce> {
  const kept: { again?: Repeatable } = {};
  let isWaiting = false;
  try {
    const report = await runOrPrepare(request, {
      cell,
      onWaiting(guest) {
        isWaiting = true;
        cell.prepared = guest;
      },
      around(talk) {
        kept.again = new Repeatable(talk);
        return kept.again.talk;
      },
    });
    return isWaiting ? { report, ...kept } : { report };
  } finally {
    if (!isWaiting) kept.again?.close();
  }
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
