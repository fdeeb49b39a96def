import { type ChildProcess, spawn } from "node:child_process";
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

export async function runCheck(
  check: string,
  file: string,
  node: NodeVersion,
  variation: Variation,
): Promise<Answer> {
  const user = variation.user === undefined ? {} : { uid: variation.user, gid: variation.user };
  const child = spawn(node.binary, [file], {
    cwd: variation.workingDirectory,
    env: variation.env,
    stdio: ["ignore", "pipe", "pipe"],
    timeout: TIMEOUT_MS,
    ...user,
  });
  const where = `Node ${node.version}, ${variation.name}`;
  return { check, where, ...(await spoken(child)) };
}

/** What a check said on its one line, or why it said nothing. */
export async function spoken(child: ChildProcess): Promise<Pick<Answer, "line" | "failure">> {
  const [out, errors]: Buffer[][] = [[], []];
  child.stdout?.on("data", (chunk: Buffer) => out?.push(chunk));
  child.stderr?.on("data", (chunk: Buffer) => errors?.push(chunk));
  const ended = await new Promise<string>((resolve) => {
    child.on("error", (error) => resolve(error.message));
    child.on("close", (status, signal) => resolve(signal ?? `status ${status}`));
  });
  const text = (chunks: readonly Buffer[] = []) => Buffer.concat(chunks).toString().trimEnd();
  if (ended !== "status 0") {
    return { line: "", failure: `ended with ${ended}\n${text(errors)}`.trimEnd() };
  }
  const line = text(out);
  const failure = whyNoLine(line);
  return failure === undefined ? { line } : { line, failure };
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
