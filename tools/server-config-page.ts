import {
  type ConfigKey,
  type ConfigKeyKind,
  flagOf,
  variableOf,
} from "../src/zerocloud/config/index.ts";
import { formatAmount, markdownTable, NOTICE, page } from "./page.ts";

/** The page of the server's configuration: a row for each value. */
export function serverConfigPage(keys: Readonly<Record<ConfigKey, ConfigKeyKind>>): string {
  const rows = (Object.entries(keys) as [ConfigKey, ConfigKeyKind][]).map(([key, kind]) => {
    const flag = flagOf(key);
    const names = [`\`${variableOf(key)}\``, ...(flag === undefined ? [] : [`\`--${flag}\``])];
    return [`\`${key}\``, standardOf(kind), valuesOf(kind), names.join(", "), kind.meaning];
  });
  return page(`# Configuration of the server

${NOTICE}

A file in YAML 1.2, or JSON. The name before the dot is a group: \`limits.objectBytes\` is
\`objectBytes\` below \`limits\`. All keys may be left out; one that is not named here is an error, and
so are aliases. A later source wins: the file, the environment, flags of the command.
[server.schema.json](server.schema.json) is the JSON schema. How the file is checked, and examples, are on the page of
the [server](server.md).

${markdownTable(["Key", "Default", "Values", "Variable, flag", "Meaning"], rows)}`);
}

function standardOf(kind: ConfigKeyKind): string {
  if (kind.standard === undefined) return "without" in kind ? (kind.without ?? "") : "";
  if (kind.form === "whole") return formatAmount(kind.standard, kind.unit);
  const text = typeof kind.standard === "string" ? kind.standard : JSON.stringify(kind.standard);
  return `\`${text}\``;
}

function valuesOf(kind: ConfigKeyKind): string {
  switch (kind.form) {
    case "whole": {
      const { unit, minimum, maximum } = kind;
      const sizes = unit === "bytes" ? "; also `64K`, `64M`, `5G`, `1T`" : "";
      return `${formatAmount(minimum, unit)} to ${formatAmount(maximum, unit)} ${unit}${sizes}`;
    }
    case "switch":
      return "`true`, `false`";
    case "word":
      return kind.words.map((word) => `\`${word}\``).join(", ");
    case "texts":
      return `a list of \`${kind.pattern}\`; in a variable with commas`;
    case "named-paths":
      return "a mapping of names to paths; in a variable `NAME=PATH,…`";
    case "path":
      return "a path; in the file relative to its folder";
    default:
      return kind.pattern === undefined ? "a text" : `\`${kind.pattern}\``;
  }
}
