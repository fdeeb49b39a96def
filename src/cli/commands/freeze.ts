import { printable, ZvmError } from "../../base/index.ts";
import { freeze } from "../../zerovm/index.ts";
import { type Command, print } from "../command.ts";
import { catchInterrupts } from "../interrupt.ts";
import type { ParsedOptions } from "../options.ts";
import { presentReport, reportFileOf, withShellStatus } from "../present-report.ts";
import { RUN_SETTINGS, readRunOptions } from "../run-settings.ts";

/** Options of `run` that say how a session is run, and not what it may touch. */
const NOT_HERE: ReadonlySet<string> = new Set([
  "interactive",
  "save",
  "strict-memory",
  "verify",
  "record",
  "dry-run",
]);

/** `zerovm freeze`. */
export const FREEZE: Command = {
  name: "freeze",
  usage: ["-o IMAGE [options] PROGRAM [ARG…]"],
  description:
    "Runs the initialiser of a program in a cell and writes down what it made of memory and\n" +
    "globals. IMAGE is a program that begins there: `zerovm run IMAGE`. The initialiser is the\n" +
    "export `wizer.initialize`, without one `_initialize`; the program also needs `_start`, or\n" +
    "`wizer.resume` in its place. A Native Client program is run to where it forks or reads\n" +
    "/dev/zfork, and goes on from there. What no image can hold is refused and named.",
  options: [
    { name: "output", short: "o", value: "IMAGE", isPath: true, help: "The file of the image" },
    { name: "init", value: "NAME", help: "The initialiser is the export NAME" },
    ...RUN_SETTINGS.filter(({ name }) => !NOT_HERE.has(name)),
  ],
  stopAtOperand: true,
  examples: [
    { line: "zerovm freeze -o tool.frozen tool.wasm", does: "tables that are computed once" },
    {
      line: "zerovm freeze -o rules.frozen --init load --read rules.txt engine.wasm",
      does: "contents of a file, read by the export load",
    },
  ],
  notes: `Exit status: 0 an image was written; that of 'run' where the initialiser failed; 125 the
state cannot be stored.`,
  run: async (parsed) => freezeCommand(parsed),
};

async function freezeCommand(parsed: ParsedOptions): Promise<number> {
  const output = parsed.last("output");
  if (output === undefined) {
    throw new ZvmError("ZVM_USAGE", "zerovm freeze: name the image with -o IMAGE before PROGRAM");
  }
  const initialiser = parsed.last("init");
  const interrupts = catchInterrupts();
  try {
    const file = await reportFileOf(parsed);
    const { interactive: _, verify: _v, dryRun: _d, ...options } = readRunOptions(parsed);
    const { report: ran, image } = await freeze({
      ...options,
      output,
      signal: interrupts.signal,
      ...(initialiser !== undefined && { initialiser }),
    });
    const report = withShellStatus(ran, interrupts);
    await presentReport(report, parsed, { kind: "program", name: options.program }, file);
    if (image === undefined) return report.exitStatus === 0 ? STATUS_NOT_FROZEN : report.exitStatus;
    print(`${printable(output)}: ${image.sizeBytes} bytes, sha256 ${image.sha256}`);
    return 0;
  } finally {
    interrupts.release();
  }
}

const STATUS_NOT_FROZEN = 125;
