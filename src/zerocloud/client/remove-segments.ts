import { encodePath } from "./paths.ts";
import type { LeftOver } from "./put-options.ts";
import type { Session } from "./session.ts";
import { together } from "./together.ts";
import { readAll } from "./transport.ts";

/** Requests for segments at a time, unless somebody says another number. */
export const PARALLEL = 4;
const ANSWER_BYTES_MAX = 2 ** 20;

/**
 * Removes segments that no object names; one that is gone already is as good.
 * @returns those that are still there, where it failed
 */
export async function removeSegments(
  session: Session,
  container: string,
  names: readonly string[],
  signal: AbortSignal | undefined,
): Promise<LeftOver | undefined> {
  const left = new Set(names);
  try {
    await together(names, PARALLEL, signal, async (name, _at, stop) => {
      const path = encodePath(container, name);
      const answer = await session.request({ method: "DELETE", path, takes: [404], signal: stop });
      await readAll(answer, ANSWER_BYTES_MAX);
      left.delete(name);
    });
    return undefined;
  } catch (cause) {
    return leftOver(container, [...left], cause);
  }
}

/** What is said of segments that are left. */
export function leftOver(container: string, names: readonly string[], reason: unknown): LeftOver {
  const segments = names.map((name) => `${container}/${name}`);
  return { segments, reason: reason instanceof Error ? reason.message : String(reason) };
}
