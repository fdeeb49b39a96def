import { createRequire } from "node:module";

/** Waits until a descriptor can be read or written, or some time passed. */
export type Poll = (fd: number, event: number, timeoutMs: number) => boolean;

/** Event numbers of poll(2). */
export const POLL_IN = 1;
export const POLL_OUT = 4;

interface Koffi {
  load(path: null): { func(declaration: string): (...values: unknown[]) => unknown };
}

/**
 * poll(2) of the host through koffi. Loading the addon itself takes a sixth of the time that its
 * package takes, so that is tried first. Without koffi the answer is undefined: transfers then
 * block, and a session that must end is ended by the host from outside.
 */
export function loadPoll(): Poll | undefined {
  try {
    return pollThrough(loadKoffi());
  } catch {
    return undefined;
  }
}

function loadKoffi(): Koffi {
  const load = createRequire(process.argv[1] ?? process.execPath);
  for (const name of addonNames()) {
    try {
      return load(name) as Koffi;
    } catch {
      // Another C library, or another layout of the packages: the next name decides.
    }
  }
  return load("koffi") as Koffi;
}

function addonNames(): string[] {
  const system = `${process.platform}-${process.arch}`;
  const folders = [`${process.platform}_${process.arch}`, `musl_${process.arch}`];
  return folders.map((folder) => `@koromix/koffi-${system}/${folder}/koffi.node`);
}

function pollThrough(koffi: Koffi): Poll {
  const call = koffi.load(null).func("int poll(void *fds, unsigned long count, int timeout)");
  const entry = new DataView(new ArrayBuffer(8));
  const bytes = new Uint8Array(entry.buffer);
  return (fd, event, timeoutMs) => {
    entry.setInt32(0, fd, true);
    entry.setInt16(4, event, true);
    entry.setInt16(6, 0, true);
    // Anything but a timeout or an interruption is for the transfer itself to find out.
    return Number(call(bytes, 1, timeoutMs)) > 0;
  };
}
