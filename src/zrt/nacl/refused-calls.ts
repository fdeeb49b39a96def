/** As many names as a warning has room for. */
const SHOWN_MAX = 16;

/** Names of the system calls that a guest made and that have no answer. */
export class RefusedCalls {
  readonly #names = new Set<string>();

  note(name: string): void {
    this.#names.add(name);
  }

  /** What the report says of them, for people. */
  warnings(): string[] {
    const shown = [...this.#names].slice(0, SHOWN_MAX);
    if (shown.length === 0) return [];
    const more = this.#names.size - shown.length;
    const others = more > 0 ? ` and ${more} others` : "";
    return [`System calls that are not supported were refused: ${shown.join(", ")}${others}`];
  }
}
