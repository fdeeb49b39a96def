/**
 * Turns Ctrl-C and `kill` into an orderly end: the session is asked once; who asks again has
 * the process end at once, as the host of a shell expects.
 */
export interface Interrupts {
  readonly signal: AbortSignal;
  /** Status of a shell for the signal that came, if one did. */
  status(): number | undefined;
  /** Gives the signals back. */
  release(): void;
}

const SIGNALS = { SIGINT: 2, SIGTERM: 15, SIGHUP: 1 } as const;

/**
 * @param isDeaf nothing is heard while a guest runs in this very process: Ctrl-C ends the guest,
 *   and the other signals the process
 */
export function catchInterrupts(isDeaf = false): Interrupts {
  const controller = new AbortController();
  let status: number | undefined;
  const heard = isDeaf ? { SIGINT: SIGNALS.SIGINT } : SIGNALS;
  const handlers = Object.entries(heard).map(([name, number]) => {
    const handler = (): void => {
      if (status !== undefined) process.exit(128 + number);
      status = 128 + number;
      controller.abort();
    };
    process.on(name, handler);
    return { name, handler };
  });
  return {
    signal: controller.signal,
    status: () => status,
    release: () => {
      for (const { name, handler } of handlers) process.off(name, handler);
    },
  };
}

/** Resolves when the end is asked for. */
export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
