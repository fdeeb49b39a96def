import { printable, ZvmError } from "../../base/index.ts";
import {
  CellPool,
  HostPool,
  hostSocketPath,
  poolSocketPath,
  servePool,
} from "../../zerovm/index.ts";
import { type Command, complain, print } from "../command.ts";
import { catchInterrupts } from "../interrupt.ts";
import type { ParsedOptions } from "../options.ts";

const SIZE = 2;
const SIZE_MAX = 1000;

/** `zerovm pool`. */
export const POOL: Command = {
  name: "pool",
  usage: ["[--size N] [--idle SECONDS] [--socket PATH]"],
  description:
    "Keeps cells that are started, locked and warm. While it runs, `zerovm run` and `zerovm exec` of\n" +
    "the same user take their cells from it, and start their own when none waits. Each cell serves\n" +
    "one session. Ctrl-C ends the pool; sessions that have a cell go on.",
  options: [
    { name: "size", value: "N", help: `Cells that wait at any time (default ${SIZE})` },
    {
      name: "idle",
      value: "SECONDS",
      help: "Keep only one cell when nobody came for so long (default: keep all)",
    },
    {
      name: "socket",
      value: "PATH",
      isPath: true,
      help: "Listen here; set ZEROVM_POOL to the same path for the commands",
    },
  ],
  examples: [
    {
      line: "zerovm pool --size 4 &",
      does: "commands that follow start in a fraction of the time",
    },
  ],
  run: async (parsed) => pool(parsed),
};

async function pool(parsed: ParsedOptions): Promise<number> {
  if (parsed.operands.length > 0) {
    throw new ZvmError("ZVM_USAGE", "zerovm pool takes no operands; see 'zerovm pool --help'");
  }
  const size = numberOf(parsed, "size", SIZE_MAX) ?? SIZE;
  const idleSeconds = numberOf(parsed, "idle", 86_400);
  const path = parsed.last("socket") ?? poolSocketPath();
  const interrupts = catchInterrupts();
  // Hosts take their cells out of it: one more waits, for the next of them and for who has none.
  const cells = new CellPool({ size: 1 });
  let hosts: HostPool | undefined;
  try {
    const stop = await servePool(cells, path);
    hosts = new HostPool({
      size,
      path: hostSocketPath(path),
      cells,
      ...(idleSeconds !== undefined && { idleSeconds }),
    });
    print(`zerovm pool: ${size} cells at ${printable(path)}`);
    await ended(interrupts.signal);
    stop();
    complain("zerovm pool: ended");
    return 0;
  } finally {
    hosts?.close();
    cells.close();
    interrupts.release();
  }
}

function ended(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

function numberOf(parsed: ParsedOptions, name: string, max: number): number | undefined {
  const text = parsed.last(name);
  if (text === undefined) return undefined;
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= 1 && value <= max) return value;
  throw new ZvmError("ZVM_USAGE", `--${name} is a number from 1 to ${max}, not '${text}'`);
}
