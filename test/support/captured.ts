import { vi } from "vitest";
import { dispatch } from "../../src/cli/dispatch.ts";
import { CLASSIC, REGISTRY } from "../../src/cli/registry.ts";

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
