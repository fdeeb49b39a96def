import type { Command, Registry } from "./command.ts";
import { HELP_OPTION } from "./command.ts";
import type { OptionSpec } from "./options.ts";
import { table } from "./table.ts";

const INDENT = "  ";

/** The help of one command. */
export function commandHelp(command: Command): string {
  const usage = command.usage.map((form) => `${INDENT}zerovm ${command.name} ${form}`.trimEnd());
  const parts = [
    command.description,
    `Usage:\n${usage.join("\n")}`,
    `Options:\n${table([...command.options, HELP_OPTION].map(optionRow))}`,
  ];
  if (command.examples.length > 0) {
    const examples = command.examples.map(({ line, does }) => `${INDENT}${line}\n      ${does}`);
    parts.push(`Examples:\n${examples.join("\n")}`);
  }
  if (command.notes !== undefined) parts.push(command.notes);
  return `${parts.join("\n\n")}\n`;
}

/** The help of the whole. */
export function overallHelp(registry: Registry): string {
  const commands = Object.entries(registry).map(
    ([name, { summary }]) => [name, summary] as [string, string],
  );
  return `zerovm runs one program in a session that holds nothing but what was declared.

Usage:
  zerovm COMMAND [options] …
  zerovm FILE.manifest [-v#] [-t#] [-sFPQ]     as the original program

Commands:
${table(commands)}

'zerovm COMMAND --help' shows a command with examples.
`;
}

function optionRow(spec: OptionSpec): [string, string] {
  const short = spec.short === undefined ? "    " : `-${spec.short}, `;
  const value = spec.value === undefined ? "" : valueForm(spec);
  const repeat = spec.repeat === true ? " (repeatable)" : "";
  const dashes = spec.hasOneDash === true ? "-" : "--";
  return [`${short}${dashes}${spec.name}${value}`, `${spec.help}${repeat}`];
}

function valueForm(spec: OptionSpec): string {
  return spec.optionalValue === true ? `[=${spec.value ?? ""}]` : ` ${spec.value ?? ""}`;
}
