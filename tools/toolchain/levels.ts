import { join } from "node:path";

/** Levels of optimisation that programs without a C library are compiled at. */
export const LEVELS = ["0", "2", "3", "s"];
/** Headers by which such a program runs on this machine. */
export const SHIM = join("test", "toolchain", "native");
/** Our own C, which becomes part of programs. */
export const GUEST = join("src", "nacl", "libc");
/** What programs read. */
export const INPUT = "hello world\n".repeat(50);

/** A message for each level at which something is wrong, or thrown. */
export function faultsAt(
  name: string,
  levels: readonly string[],
  faultAt: (level: string) => string | undefined,
): string[] {
  return levels.flatMap((level) => {
    const found = messageOf(() => faultAt(level));
    return found === undefined ? [] : [`${name} -O${level}: ${found}`];
  });
}

function messageOf(work: () => string | undefined): string | undefined {
  try {
    return work();
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
