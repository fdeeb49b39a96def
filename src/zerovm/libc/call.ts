import { HostIoError } from "../../base/index.ts";
import { loadKoffi } from "./koffi.ts";

/** A function of the C library. */
export type LibraryCall = (...values: unknown[]) => unknown;

const declared = new Map<string, LibraryCall>();

/**
 * The function of the C library with this declaration of C.
 * @throws Error where there is no koffi for this machine, or no such function in its library
 */
export function libraryCall(declaration: string): LibraryCall {
  let call = declared.get(declaration);
  if (call === undefined) {
    call = loadKoffi().load(null).func(declaration);
    declared.set(declaration, call);
  }
  return call;
}

/** The function, or undefined where this library has none of that name. */
export function libraryCallIfAny(declaration: string): LibraryCall | undefined {
  try {
    return libraryCall(declaration);
  } catch {
    return undefined;
  }
}

/** Name of the error that the last failed call left, `EIO` for one without a name. */
export function lastErrorName(): string {
  return errorName(loadKoffi().errno());
}

/** Name of an error number of the host. */
export function errorName(errno: number): string {
  const found = Object.entries(loadKoffi().os.errno).find(([, number]) => number === errno);
  return found?.[0] ?? "EIO";
}

/**
 * The result of a call that answers −1 when it fails.
 * @throws HostIoError with the name of the error
 */
export function checked(what: string, result: unknown): number {
  const value = Number(result);
  if (value >= 0) return value;
  const code = lastErrorName();
  throw new HostIoError(code, `${what} failed: ${code}`);
}
