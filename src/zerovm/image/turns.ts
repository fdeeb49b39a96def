/** How long a long piece of work goes on before the program may look at its signals. */
const TURN_MS = 20;

/** Lets the event loop turn now and then, and ends the work when its signal asks for it. */
export class Turns {
  readonly #signal: AbortSignal | undefined;
  #lastMs = performance.now();

  constructor(signal: AbortSignal | undefined) {
    this.#signal = signal;
  }

  /** @throws the reason of the signal */
  async take(): Promise<void> {
    // Signals of the host are heard between turns only.
    await new Promise((resolve) => setImmediate(resolve));
    this.#signal?.throwIfAborted();
    this.#lastMs = performance.now();
  }

  /** Does work step by step. @throws the reason of the signal @returns what the work returns */
  async through<Step, Result>(
    steps: Generator<Step, Result>,
    onStep?: (step: Step) => void,
  ): Promise<Result> {
    try {
      for (;;) {
        const { done, value } = steps.next();
        if (done === true) return value;
        onStep?.(value);
        if (performance.now() - this.#lastMs >= TURN_MS) await this.take();
      }
    } catch (error) {
      // The work closes what it has open.
      steps.throw(error);
      throw error;
    }
  }
}
