/** What hosts say where a disk, or the share of a user in it, has no room left. */
const CODES: ReadonlySet<unknown> = new Set(["ENOSPC", "EDQUOT"]);

/** Whether an error of the host says that a disk is full. */
export function isDiskFull(error: unknown): boolean {
  return error instanceof Error && "code" in error && CODES.has(error.code);
}
