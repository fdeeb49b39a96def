import { accessSync, constants, lstatSync, unlinkSync } from "node:fs";
import { connect } from "node:net";
import { dirname } from "node:path";
import { ERRNO, printable } from "../../base/index.ts";
import { type Manifest, makeFinding } from "../manifest/index.ts";
import type { RefusalFinding } from "../report/index.ts";
import { reasonOf } from "../session/index.ts";
import { PATH_BYTES_MAX } from "./socket-name.ts";

/** What stands against listening at the path of `Job`; asked before anything runs. */
export async function judgeSocket(path: string, manifest: Manifest): Promise<RefusalFinding[]> {
  const problem = await problemOf(path);
  return problem === undefined ? [] : [socketFinding(path, problem, manifest)];
}

/** Nobody can listen at the path, for this reason. */
export function socketFinding(path: string, problem: string, manifest: Manifest): RefusalFinding {
  const found = makeFinding({
    stage: "defence",
    code: ERRNO.EFAULT,
    state: `cannot listen at ${printable(path)}`,
    message: `Cannot listen at ${printable(path)}: ${problem}`,
    expected: "a path where there is nothing yet, in a folder of yours",
    ...manifest.places?.Job,
  });
  return { ...found, errorCode: "ZVM_DAEMON" };
}

/** Takes away a socket that a daemon left behind which was killed; not one that is served. */
export async function removeDeadSocket(path: string): Promise<void> {
  const isSocket = (): boolean => lstatSync(path, { throwIfNoEntry: false })?.isSocket() === true;
  if (isSocket() && !(await isServed(path)) && isSocket()) unlinkSync(path);
}

async function problemOf(path: string): Promise<string | undefined> {
  const sizeBytes = Buffer.byteLength(path);
  if (sizeBytes < 1 || sizeBytes > PATH_BYTES_MAX) {
    return `the path of a socket has 1 to ${PATH_BYTES_MAX} bytes, not ${sizeBytes}`;
  }
  try {
    const found = lstatSync(path, { throwIfNoEntry: false });
    accessSync(dirname(path), constants.W_OK | constants.X_OK);
    if (found === undefined) return undefined;
    if (!found.isSocket()) return "there is something that is no socket";
  } catch (error) {
    return reasonOf(error);
  }
  return (await isServed(path)) ? "somebody listens there already" : undefined;
}

function isServed(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    // Only who was killed leaves a socket behind that refuses.
    socket.once("error", (error: NodeJS.ErrnoException) => resolve(error.code !== "ECONNREFUSED"));
  });
}
