/**
 * Documents that are made from tables of the source: `npm run docs` writes them, `tools/tidy`
 * checks that they are what the tables say today.
 */
import { writeFileSync } from "node:fs";
import { ERROR_TABLE, type ErrorKind, LIMIT_TABLE, type LimitKind } from "../src/base/index.ts";
import { allowedCount, SYSTEM_CALLS, type SystemCall, WALLS } from "../src/zerovm/walls/index.ts";

const NOTICE = "<!-- Made by `npm run docs`: change the table in the source, not this page. -->";

export interface GeneratedDocument {
  readonly path: string;
  readonly text: string;
}

export function generatedDocuments(): GeneratedDocument[] {
  return [
    { path: "docs/reference/errors.md", text: errorsPage(ERROR_TABLE) },
    { path: "docs/reference/limits.md", text: limitsPage(LIMIT_TABLE) },
    { path: "docs/reference/walls.md", text: wallsPage(WALLS, SYSTEM_CALLS) },
  ];
}

export function errorsPage(table: Readonly<Record<string, ErrorKind>>): string {
  const rows = Object.entries(table).map(([code, kind]) => [
    `\`${code}\``,
    kind.meaning,
    kind.remedy,
    String(kind.exitStatus),
    String(kind.httpStatus),
  ]);
  return page(`# Errors

${NOTICE}

Every error that a user or a client can see has a code. Codes are stable, messages are not: match
on the code (\`error.code\` in the library). What a *guest* sees is an errno, and how a *session*
ended is an outcome; neither of them is in this table.

The exit status is that of the command \`zerovm\`; the HTTP status is the one for a server that
passes the error on.

${markdownTable(["Code", "Meaning", "What to do", "Exit", "HTTP"], rows)}`);
}

export function limitsPage(table: Readonly<Record<string, LimitKind>>): string {
  const rows = Object.entries(table).map(([name, kind]) => [
    `\`${name}\``,
    kind.unit,
    formatAmount(kind.standard, kind.unit),
    formatAmount(kind.maximum, kind.unit),
    kind.answer === "ends" ? "ends the session" : "errno",
    kind.meaning,
  ]);
  return page(`# Limits

${NOTICE}

Every session runs under these limits. \`--limit NAME=VALUE\` on the command line and
\`Limit = NAME, VALUE\` in a manifest change one of them, up to its maximum.

A limit either *ends the session* (outcome \`limited\`, exit status 124) or answers the guest with
an *errno*; then the session goes on, and the report lists the limit as hit.

${markdownTable(["Name", "Unit", "Default", "Maximum", "Answer", "Meaning"], rows)}`);
}

export function wallsPage(
  walls: Readonly<Record<string, string>>,
  calls: readonly SystemCall[],
): string {
  const rows = calls.map(({ name, x64, arm64, answers, asks = "", otherwise, why }) => [
    `\`${name}\``,
    x64 === undefined ? "none" : String(x64),
    arm64 === undefined ? "none" : String(arm64),
    answers === undefined ? "made" : `answered with ${answers}`,
    otherwise === undefined ? asks : `${asks}; else ${otherwise}`,
    why,
  ]);
  return page(`# Walls

${NOTICE}

What stands around a cell, the process of one session. The report names the walls that stood in
\`walls\`; \`zerovm doctor\` tries each of them on this system.

${markdownTable(["Wall", "What it is"], Object.entries(walls))}

\`seccomp\`, \`rlimits\` and \`lifeline\` always stand: without one of them a session is refused
(\`ZVM_ISOLATION\`), unless it was asked for with \`--isolation=weak\`. \`network\`, \`processes\`, \`ipc\`
and \`files\` stand where the system lets us make namespaces. \`user\` stands where the host is root,
or has namespaces. \`test/attack\` attacks each of them, and shows that it is the one that holds.

## System calls of a locked cell

${allowedCount()} calls are made, ${calls.length - allowedCount()} are answered without being made. Everything
else ends the cell at once with SIGSYS: other calls, other arguments where something is asked of
them, the 32-bit and x32 interfaces. The column for arm64 is written from the manuals and **untested**.

${markdownTable(["Call", "x86-64", "arm64", "Is", "If its argument is", "For"], rows)}`);
}

function page(text: string): string {
  return `${text.trimEnd()}\n`;
}

function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map(escapeCell).join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

function escapeCell(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll("\n", " ");
}

const BINARY_UNITS = ["", "KiB", "MiB", "GiB", "TiB"];

/** `4 GiB (4,294,967,296)` for bytes, digits in groups for everything else. */
export function formatAmount(amount: number, unit: string): string {
  const plain = amount.toLocaleString("en-US");
  if (unit !== "bytes") return plain;
  let step = 0;
  let scaled = amount;
  while (scaled >= 1024 && scaled % 1024 === 0 && step < BINARY_UNITS.length - 1) {
    scaled /= 1024;
    step++;
  }
  return step === 0 ? plain : `${scaled} ${BINARY_UNITS[step]} (${plain})`;
}

export function main(): number {
  for (const { path, text } of generatedDocuments()) {
    writeFileSync(path, text);
    console.log(`wrote ${path}`);
  }
  return 0;
}
