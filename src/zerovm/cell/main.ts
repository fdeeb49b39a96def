/**
 * The process of one session. It reads its order from the control socket, runs the guest, writes
 * its answer and ends; it opens nothing and is never used again.
 */
import { writeSync } from "node:fs";
import { type Answer, shortAnswer } from "./answer.ts";
import { withDescriptors } from "./arrived.ts";
import { readBlock, readFrame, writeFrame } from "./frame.ts";
import { MEMBERS_BYTES_MAX } from "./members-block.ts";
import { ORDER_BYTES_MAX, type Order } from "./order.ts";
import { parseOrder } from "./parse-order.ts";
import { AHEAD_ARG, receiveDescriptors } from "./pass-descriptors.ts";
import { runOrder } from "./run-order.ts";

/** Where the host put the control socket. */
const CONTROL_FD = 3;
const STDERR_FD = 2;
/** Status of a cell that found a defect of ours. */
const STATUS_DEFECT = 70;

function serve(): void {
  const order = process.argv[2] === AHEAD_ARG ? readOrderAhead() : readOrder();
  // Who launched us ahead may have found that there is nothing to run.
  if (order === undefined) return;
  // An empty frame says that the guest's time begins.
  const answer = runOrder(order, () => writeFrame(CONTROL_FD, ""));
  writeFrame(CONTROL_FD, encodeAnswer(answer, order));
}

function readOrder(): Order {
  const text = readFrame(CONTROL_FD, ORDER_BYTES_MAX);
  return parseOrder(text, () => readBlock(CONTROL_FD, MEMBERS_BYTES_MAX));
}

function readOrderAhead(): Order | undefined {
  const fds = receiveDescriptors(CONTROL_FD);
  return fds === undefined ? undefined : withDescriptors(readOrder(), fds);
}

/** The answer, or a short one that says that it was too long. */
function encodeAnswer(answer: Answer, order: Order): string {
  const text = JSON.stringify(answer);
  if (Buffer.byteLength(text) <= order.limits.report) return text;
  return JSON.stringify(shortAnswer(answer));
}

try {
  serve();
  process.exit(0);
} catch (error) {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  writeSync(STDERR_FD, `${text}\n`);
  process.exit(STATUS_DEFECT);
}
