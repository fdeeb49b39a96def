/**
 * Runs a program of Node as on a kernel without filters: `seccomp` is answered with ENOSYS, by a
 * filter, for this process and all that it starts.
 */
import { spawnSync } from "node:child_process";
import { loadKoffi } from "../../src/zerovm/libc/index.ts";
import { callByLibrary } from "./raw-call.ts";

const SECCOMP = 317;
const PRCTL = 157;
const PR_SET_NO_NEW_PRIVS = 38;
const ENOSYS = 0x0005_0026;
const ALLOW = 0x7fff_0000;

/** Loads the number, and returns one thing for `seccomp`, another for everything else. */
const INSTRUCTIONS = [
  [0x20, 0, 0, 0],
  [0x15, 0, 1, SECCOMP],
  [0x06, 0, 0, ENOSYS],
  [0x06, 0, 0, ALLOW],
] as const;

function filter(): Uint8Array {
  const view = new DataView(new ArrayBuffer(8 * INSTRUCTIONS.length));
  INSTRUCTIONS.forEach(([code, yes, no, constant], index) => {
    view.setUint16(8 * index, code, true);
    view.setUint8(8 * index + 2, yes);
    view.setUint8(8 * index + 3, no);
    view.setUint32(8 * index + 4, constant, true);
  });
  return new Uint8Array(view.buffer);
}

const program = filter();
const head = new BigUint64Array([BigInt(INSTRUCTIONS.length), loadKoffi().address(program)]);
callByLibrary(PRCTL, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
const failed = callByLibrary(SECCOMP, 1, 1, head);
if (failed !== 0) throw new Error(`seccomp: ${failed}`);
const { status } = spawnSync(process.execPath, process.argv.slice(2), { stdio: "inherit" });
process.exit(status ?? 1);
