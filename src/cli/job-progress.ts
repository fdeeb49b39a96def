import { printable } from "../base/index.ts";
import type { FolderPlan, JobEvent } from "../zerocloud/index.ts";
import { complain } from "./command.ts";
import { ProgressLine } from "./progress.ts";

/** Longer lines of a guest are cut into pieces. */
const LINE_BYTES_MAX = 4096;
const NEWLINE = 10;

/**
 * Shows how a job goes: on a terminal one line that is rewritten, elsewhere a line for each node
 * that ends. What nodes write to standard error is shown line by line, behind their names.
 */
export class JobProgress {
  readonly #isQuiet: boolean;
  readonly #line = new ProgressLine("job");
  readonly #running = new Set<string>();
  readonly #texts = new Map<string, Buffer>();
  #total = 0;
  #done = 0;

  constructor(isQuiet: boolean) {
    this.#isQuiet = isQuiet;
  }

  begin({ plan }: FolderPlan): void {
    this.#total = plan?.nodes.reduce((sum, { instances }) => sum + instances.length, 0) ?? 0;
  }

  hear(event: JobEvent): void {
    const { node, copy } = event;
    const name = copy === 0 ? node.name : `${node.name} (copy ${copy})`;
    if (event.kind === "error-text") this.#errorText(name, event.bytes);
    if (event.kind === "started") this.#running.add(name);
    if (event.kind === "ended") this.#ended(name, event.exitStatus);
    if (!this.#isQuiet) {
      this.#line.update(this.#done, this.#total, printable([...this.#running].join(" ")));
    }
  }

  end(): void {
    this.#line.end();
  }

  #ended(name: string, exitStatus: number | undefined): void {
    this.#running.delete(name);
    this.#done += 1;
    this.#errorText(name, Buffer.from([NEWLINE]), true);
    if (this.#isQuiet || process.stderr.isTTY) return;
    const ending = exitStatus === undefined ? "was lost" : `ended with ${exitStatus}`;
    complain(`zerovm: ${printable(name)} ${ending} (${this.#done} of ${this.#total})`);
  }

  /** Whole lines; with `isLast` also one that has no end. */
  #errorText(name: string, bytes: Uint8Array, isLast = false): void {
    const known = this.#texts.get(name) ?? Buffer.alloc(0);
    if (isLast && known.length === 0) return;
    let text = Buffer.concat([known, bytes]);
    for (;;) {
      const at = text.indexOf(NEWLINE);
      if (at < 0 && text.length < LINE_BYTES_MAX) break;
      const size = at < 0 ? LINE_BYTES_MAX : at;
      this.#line.end();
      complain(`${printable(name)}: ${printable(text.subarray(0, size).toString())}`);
      text = text.subarray(at < 0 ? size : size + 1);
    }
    this.#texts.set(name, text);
  }
}
