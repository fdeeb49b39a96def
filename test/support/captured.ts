import { expect, vi } from "vitest";
import { dispatch } from "../../src/cli/dispatch.ts";
import { CLASSIC, REGISTRY } from "../../src/cli/registry.ts";
import { childProcesses } from "./sessions.ts";

export interface Captured {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command line in this process and keeps what it prints. */
export async function captured(argv: readonly string[]): Promise<Captured> {
  const out = { stdout: "", stderr: "" };
  const spies = (["stdout", "stderr"] as const).map((name) =>
    vi.spyOn(process[name], "write").mockImplementation((text, ...more) => {
      out[name] += String(text);
      for (const done of more as readonly unknown[]) if (typeof done === "function") done();
      return true;
    }),
  );
  try {
    const status = await dispatch(argv, REGISTRY, CLASSIC);
    return { status, ...out };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}

/** Presses Ctrl-C once the command listens for it and has a cell at work. */
export async function interruptAtWork(): Promise<void> {
  const isAtWork = () => process.listenerCount("SIGINT") > 0 && childProcesses().length > 0;
  await expect.poll(isAtWork).toBe(true);
  process.emit("SIGINT");
}
