import { spawnSync } from "node:child_process";
import type { NodeVersion } from "./node-versions.ts";
import type { Variation } from "./variations.ts";

export interface Answer {
  readonly check: string;
  /** Version and variation, for people. */
  readonly where: string;
  /** The one line that the check printed; empty after a failure. */
  readonly line: string;
  /** Why there is no line to compare. */
  readonly failure?: string;
}

const TIMEOUT_MS = 120_000;

export function runCheck(
  check: string,
  file: string,
  node: NodeVersion,
  variation: Variation,
): Answer {
  const user = variation.user === undefined ? {} : { uid: variation.user, gid: variation.user };
  const run = spawnSync(node.binary, [file], {
    cwd: variation.workingDirectory,
    env: variation.env,
    encoding: "utf8",
    timeout: TIMEOUT_MS,
    maxBuffer: 2 ** 26,
    ...user,
  });
  const where = `Node ${node.version}, ${variation.name}`;
  const ended =
    run.error?.message ?? (run.signal ? `signal ${run.signal}` : `status ${run.status}`);
  if (run.status !== 0) {
    return {
      check,
      where,
      line: "",
      failure: `ended with ${ended}\n${run.stderr ?? ""}`.trimEnd(),
    };
  }
  const line = run.stdout.trimEnd();
  const failure = whyNoLine(line);
  return { check, where, line, ...(failure === undefined ? {} : { failure }) };
}

/** A check answers with one line of JSON, so that answers can be compared and read. */
export function whyNoLine(text: string): string | undefined {
  if (text.includes("\n")) return "printed more than one line";
  try {
    JSON.parse(text);
    return undefined;
  } catch {
    return `printed no JSON: ${JSON.stringify(text.slice(0, 200))}`;
  }
}
