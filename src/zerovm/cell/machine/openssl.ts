import { type Koffi, koffiIfLoaded } from "../../libc/index.ts";

/** Declares a function of the library in the words of C. */
export type Declare = <Call>(declaration: string) => Call;

/** What functions of OpenSSL answer when they have done their work. */
export const DONE = 1;

/**
 * Functions of the OpenSSL that is linked into Node, found when they are first asked for.
 * @returns a function that gives them; undefined where they, or koffi in this process, are not to
 * be had
 */
export function opensslFunctions<Functions>(
  declareAll: (declare: Declare, koffi: Koffi) => Functions,
): () => Functions | undefined {
  let found: Functions | "none" | undefined;
  return () => {
    found ??= declared(declareAll) ?? "none";
    return found === "none" ? undefined : found;
  };
}

function declared<Functions>(
  declareAll: (declare: Declare, koffi: Koffi) => Functions,
): Functions | undefined {
  const koffi = koffiIfLoaded();
  if (koffi === undefined) return undefined;
  try {
    const symbols = koffi.load(null);
    return declareAll(<Call>(declaration: string) => symbols.func(declaration) as Call, koffi);
  } catch {
    // The process has no such functions.
    return undefined;
  }
}
