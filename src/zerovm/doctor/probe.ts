/**
 * The program of a cell that the doctor looks at: locks itself as every cell does and then tries,
 * for each wall that it is told, one thing that the wall is there to stop.
 */
import { HostIoError } from "../../base/index.ts";
import { decodePlan, type Ready, WORD, writeFrame } from "../cell/index.ts";
import { leaveAtOnce, receiveMessage } from "../libc/index.ts";
import { CONTROL_FD, lockCell, type WallName } from "../walls/index.ts";
import { ATTEMPTS, type ProbeTask } from "./attempts.ts";

function lock(): Ready {
  const walls: WallName[] = [];
  try {
    lockCell(decodePlan(process.argv[2]).lock, walls, (reason) => {
      throw reason;
    });
  } catch (error) {
    if (!(error instanceof HostIoError)) throw error;
    return { missing: error.message };
  }
  return { walls };
}

const task = JSON.parse(process.argv[3] ?? "") as ProbeTask;
const ready = lock();
writeFrame(CONTROL_FD, WORD.READY + JSON.stringify(ready));
// The host lets go of the lifeline now; nothing else is to end us.
while (task.waits) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
// The host has more to say, and is to find us alive.
receiveMessage(CONTROL_FD, new Uint8Array(1));
const tried = task.walls.map((wall) => [wall, ATTEMPTS[wall](task)]);
writeFrame(CONTROL_FD, WORD.ANSWER + JSON.stringify(Object.fromEntries(tried)));
leaveAtOnce(0);
