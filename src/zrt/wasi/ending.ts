/**
 * The first thing that was thrown out of a call, and so how the guest ends. A guest may catch
 * what goes through its frames: it then goes on, but never into another call.
 */
export class Ending {
  isSet = false;
  error: unknown;

  /** Keeps the first error only, which is what the rest follows from. */
  set(error: unknown): void {
    if (this.isSet) return;
    this.error = error;
    this.isSet = true;
  }
}
