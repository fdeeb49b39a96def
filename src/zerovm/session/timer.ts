export interface Timer {
  cancel(): void;
}

/** The longest delay that the host's timers take, 24 days. */
const DELAY_MS_MAX = 2 ** 31 - 1;

/** A timer for any delay. It does not keep the process alive. */
export function armTimer(delayMs: number, action: () => void): Timer {
  let leftMs = delayMs;
  let handle: NodeJS.Timeout;
  const next = (): void => {
    const stepMs = Math.min(leftMs, DELAY_MS_MAX);
    leftMs -= stepMs;
    handle = setTimeout(leftMs > 0 ? next : action, stepMs);
    handle.unref();
  };
  next();
  return { cancel: () => clearTimeout(handle) };
}

/** Milliseconds of a clock that never goes back; `performance` takes some to be loaded. */
export function nowMs(): number {
  return process.uptime() * 1000;
}
