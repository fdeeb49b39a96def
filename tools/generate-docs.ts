/**
 * Documents that are made from tables of the source: `npm run docs` writes them, `tools/tidy`
 * checks that they are what the tables say today.
 */
import { writeFileSync } from "node:fs";
import { ERROR_TABLE, type ErrorKind, LIMIT_TABLE, type LimitKind } from "../src/base/index.ts";

const NOTICE = "<!-- Made by `npm run docs`: change the table in the source, not this page. -->";

export interface GeneratedDocument {
  readonly path: string;
  readonly text: string;
}

export function generatedDocuments(): GeneratedDocument[] {
  return [
    { path: "docs/reference/errors.md", text: errorsPage(ERROR_TABLE) },
    { path: "docs/reference/limits.md", text: limitsPage(LIMIT_TABLE) },
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
