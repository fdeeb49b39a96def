/** Keeps all that it takes to run a session again. */
import { closeSync, fstatSync } from "node:fs";
import { printable, textOf, ZvmError } from "../../base/index.ts";
import { encodeMembers, type Order, renumbered } from "../cell/index.ts";
import { expectedOf, type RecordedPart, writeRecord } from "../record/index.ts";
import type { Outcome, Report } from "../report/index.ts";
import {
  hostFd,
  isRepeatable,
  neededAgain,
  repeatedOrder,
  wholeSpan,
  withTranslator,
} from "./again.ts";
import type { Talk } from "./converse.ts";
import { scratchFile } from "./scratch-file.ts";
import { TRACE_BYTES_MAX } from "./trace-logs.ts";

/** A session that is to be recorded. What it keeps is gone with `close`. */
export class Recording {
  /** The session, which keeps all that it takes in. */
  readonly talk: Talk;
  readonly #path: string;
  readonly #intake: number;
  readonly #trace: number;

  /** @throws ZvmError ZVM_RECORD naming what is too large to be kept */
  constructor(talk: Talk, path: string) {
    const { order, handovers } = talk;
    judgeSizes(order);
    this.#path = path;
    this.#intake = scratchFile(new Uint8Array(0));
    const bytesMax = order.limits.record;
    this.#trace = scratchFile(new Uint8Array(0));
    const traceLog = { fd: handovers.give(this.#trace), bytesMax: TRACE_BYTES_MAX };
    const recording = { fd: handovers.give(this.#intake), bytesMax, files: true };
    const kept = neededAgain(talk, nothingKnown);
    this.talk = { ...talk, kept, order: { ...order, digests: true, recording, traceLog } };
  }

  /** Writes the record of a session that can be repeated. @throws ZvmError ZVM_FILE */
  settle(report: Report): Report {
    if (!isRepeatable(report.outcome)) return notRecorded(report);
    const { order } = this.talk;
    const images = order.images.flatMap(({ fd, sizeBytes, members }): RecordedPart[] => [
      { name: "archive", fd: hostFd(this.talk, fd), sizeBytes },
      { name: "members", bytes: encodeMembers(members) },
    ]);
    const { fd, sizeBytes } = order.program;
    const nexe = order.nexe?.further?.program;
    const nexePart: RecordedPart[] =
      nexe === undefined ? [] : [{ ...nexe, name: "nexe", fd: hostFd(this.talk, nexe.fd) }];
    const intakeBytes = fstatSync(this.#intake).size;
    // The cell was told where to stop, and is not believed.
    if (intakeBytes > order.limits.record) {
      throw tooLarge("intake", intakeBytes, order.limits.record);
    }
    writeRecord(this.#path, {
      order: recordedOrder(order, this.#intake),
      expected: expectedOf(report),
      parts: [
        { name: "program", fd: hostFd(this.talk, fd), sizeBytes },
        ...nexePart,
        ...images,
        { name: "intake", fd: this.#intake, sizeBytes: intakeBytes },
        { name: "trace", fd: this.#trace, sizeBytes: sizeOfTrace(this.#trace) },
      ],
    });
    return report;
  }

  close(): void {
    for (const fd of [this.#intake, this.#trace]) closeSync(fd);
  }
}

/** The cell was told how much to write, and is not believed. */
function sizeOfTrace(fd: number): number {
  return Math.min(fstatSync(fd).size, TRACE_BYTES_MAX);
}

/**
 * The order of the replay: the program is descriptor 0, then what it was translated from, images,
 * and the intake. Who replays it translates with what is theirs: a record brings no scripts.
 */
function recordedOrder(order: Order, intakeFd: number): Order {
  const repeated = withTranslator(repeatedOrder(order, nothingKnown), undefined);
  let next = 0;
  return renumbered({ ...repeated, replay: wholeSpan(intakeFd) }, () => next++);
}

/** A record has all that the session read. */
function nothingKnown(): boolean {
  return false;
}

function judgeSizes({ program, images, limits, nexe }: Order): void {
  const sizeBytes = program.sizeBytes + (nexe?.further?.program.sizeBytes ?? 0);
  let left = limits.record - sizeBytes;
  if (left < 0) throw tooLarge("program", sizeBytes, limits.record);
  for (const { mountpoint, sizeBytes } of images) {
    left -= sizeBytes;
    if (left >= 0) continue;
    throw tooLarge(`image on ${printable(textOf(mountpoint))}`, sizeBytes, limits.record);
  }
}

function tooLarge(what: string, sizeBytes: number, bytesMax: number): ZvmError {
  const message = `Cannot record the session: the ${what} has ${sizeBytes} bytes`;
  const most = `a record holds ${bytesMax} bytes of what goes in (--limit record=SIZE)`;
  return new ZvmError("ZVM_RECORD", `${message}; ${most}`);
}

function notRecorded(report: Report): Report {
  const why = reasonOf(report.outcome);
  return { ...report, warnings: [...report.warnings, `Not recorded: ${why}`] };
}

function reasonOf({ kind }: Outcome): string {
  return kind === "limited"
    ? "where the time limit ends a session differs from run to run"
    : `a session that was ${kind} cannot be repeated`;
}
