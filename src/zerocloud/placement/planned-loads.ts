import type { HostLoad } from "./host-book.ts";

/** What was placed and has not started. */
export class PlannedLoads {
  readonly #loads = new Map<string, { sessions: number; bytes: number }>();
  readonly #instances = new Map<number, { readonly key: string; readonly bytes: number }>();

  begin(id: number, key: string, bytes: number): void {
    this.end(id);
    this.#instances.set(id, { key, bytes });
    const load = this.#loads.get(key);
    if (load === undefined) this.#loads.set(key, { sessions: 1, bytes });
    else {
      load.sessions += 1;
      load.bytes += bytes;
    }
  }

  end(id: number): void {
    const planned = this.#instances.get(id);
    const load = planned && this.#loads.get(planned.key);
    if (planned === undefined || load === undefined) return;
    this.#instances.delete(id);
    load.sessions -= 1;
    load.bytes -= planned.bytes;
    if (load.sessions === 0) this.#loads.delete(planned.key);
  }

  /** The load of a host with what is planned there. */
  over(key: string, running: HostLoad): HostLoad {
    const load = this.#loads.get(key);
    if (load === undefined) return running;
    const { sessions, bytes } = running;
    return { sessions: sessions + load.sessions, bytes: bytes + load.bytes };
  }
}
