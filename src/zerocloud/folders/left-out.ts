/** What lies in a store's folders and is no object of it. */
export interface LeftOut {
  /** From the folder of the store on, with slashes; what is no UTF-8 has U+FFFD. */
  readonly path: string;
  readonly reason: string;
}

/** More are only counted. */
export const MOST_LEFT_OUT = 100;

/** Collects what is left out, each path once. */
export class LeftOutList {
  readonly entries: LeftOut[] = [];
  #seen = new Set<string>();

  add(path: string, reason: string): void {
    if (this.#seen.size >= MOST_LEFT_OUT || this.#seen.has(path)) return;
    this.#seen.add(path);
    this.entries.push({ path, reason });
  }
}
