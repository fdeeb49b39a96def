import type { ServeSignals } from "../zerocloud/serve/index.ts";

const STOPS = { SIGINT: 2, SIGTERM: 15 } as const;
/** What a shell adds to the number of a signal for its status. */
const BY_SIGNAL = 128;

/** Listens to the signals of this process: who asks twice to stop ends it at once. */
export function listenToSignals(): ServeSignals {
  const controller = new AbortController();
  const reloads: (() => void)[] = [];
  const reload = (): void => {
    for (const call of reloads) call();
  };
  const stops = Object.entries(STOPS).map(([name, number]) => {
    const handler = (): void => {
      if (controller.signal.aborted) process.exit(BY_SIGNAL + number);
      controller.abort();
    };
    return [name, handler] as const;
  });
  const handlers = [...stops, ["SIGHUP", reload] as const];
  for (const [name, handler] of handlers) process.on(name, handler);
  return {
    stop: controller.signal,
    onReload: (call) => reloads.push(call),
    release: () => {
      for (const [name, handler] of handlers) process.off(name, handler);
    },
  };
}
