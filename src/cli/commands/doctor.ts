import { ZvmError } from "../../base/index.ts";
import { describeCalls, examine, machineOf } from "../../zerovm/index.ts";
import { type Command, JSON_OPTION, print } from "../command.ts";
import type { ParsedOptions } from "../options.ts";
import { table } from "../table.ts";

/** `zerovm doctor`. */
export const DOCTOR: Command = {
  name: "doctor",
  usage: ["[--walls] [--json]"],
  description:
    "Tries each wall around a session for real, in cells as sessions have them, and says what is\n" +
    "missing on this system and how to get it.",
  options: [
    { name: "walls", help: "Show the system calls that a cell may make, instead" },
    JSON_OPTION,
  ],
  examples: [
    { line: "zerovm doctor", does: "what this system can enforce" },
    { line: "zerovm doctor --walls", does: "each system call, its check, and what needs it" },
  ],
  notes: "Exit status: 0 where sessions run with --isolation=full, 1 where they are refused.",
  run: async (parsed) => doctor(parsed),
};

async function doctor(parsed: ParsedOptions): Promise<number> {
  if (parsed.operands.length > 0) throw new ZvmError("ZVM_USAGE", "zerovm doctor: takes no FILE");
  if (parsed.has("walls")) return showCalls(parsed.has("json"));
  const { runs, walls, advice } = await examine();
  if (parsed.has("json")) {
    print(JSON.stringify({ runs, node: process.version, walls, advice }, null, 2));
    return runs ? 0 : 1;
  }
  for (const { name, meaning, stands, tried } of walls) {
    print(`${stands ? "stands " : "missing"}  ${name.padEnd(9)}  ${meaning}`);
    print(`${" ".repeat(20)}${tried}`);
  }
  for (const line of advice) print(`\n${line}.`);
  const count = walls.filter(({ stands }) => stands).length;
  const verdict = runs ? "Sessions run here" : "Sessions are refused here";
  print(`\n${verdict}: ${count} of ${walls.length} walls stand.`);
  return runs ? 0 : 1;
}

/** For a machine that has no filter the table is that of the tested one. */
function showCalls(asJson: boolean): number {
  const machine = machineOf(process.arch) ?? "x64";
  const calls = describeCalls(machine);
  if (asJson) {
    print(JSON.stringify({ machine, calls }, null, 2));
    return 0;
  }
  const untested = machine === "x64" ? "" : ", which nobody has tested on a real machine";
  print(`System calls of a cell on ${machine}${untested}. Any other ends the cell.\n`);
  print(
    table(
      calls.map(({ name, number, judgement, why }) => {
        return [`${String(number).padStart(3)} ${name}`, `${judgement}. For: ${why}`];
      }),
    ),
  );
  return 0;
}
