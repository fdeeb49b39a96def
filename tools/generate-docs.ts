/**
 * Documents that are made from tables of the source: `npm run docs` writes them, `tools/tidy`
 * checks that they are what the tables say today.
 */
import { writeFileSync } from "node:fs";
import { ERROR_TABLE, type ErrorKind, LIMIT_TABLE, type LimitKind } from "../src/base/index.ts";
import {
  BYTES_PER_UNIT,
  COST_ROWS,
  type CostRow,
  UNITS_BEHIND_EXIT_MAX,
  UNITS_PER_ELEMENT,
  UNITS_PER_PAGE,
} from "../src/wasm/meter/index.ts";
import { CONFIG_KEYS, configSchema } from "../src/zerocloud/config/index.ts";
import { JOB_LIMIT_TABLE, jobSchema, RULES } from "../src/zerocloud/job/index.ts";
import { openApiDocument } from "../src/zerocloud/openapi/index.ts";
import { allowedCount, SYSTEM_CALLS, type SystemCall, WALLS } from "../src/zerovm/walls/index.ts";
import { jobErrorsPage } from "./job-errors-page.ts";
import { formatAmount, markdownTable, NOTICE, page } from "./page.ts";
import { printJson } from "./print-json.ts";
import { serverConfigPage } from "./server-config-page.ts";

export interface GeneratedDocument {
  readonly path: string;
  readonly text: string;
}

export function generatedDocuments(): GeneratedDocument[] {
  return [
    { path: "docs/reference/errors.md", text: errorsPage(ERROR_TABLE) },
    { path: "docs/reference/fuel.md", text: fuelPage(COST_ROWS) },
    { path: "docs/reference/job-errors.md", text: jobErrorsPage(RULES, JOB_LIMIT_TABLE) },
    { path: "docs/reference/job.schema.json", text: `${printJson(jobSchema())}\n` },
    { path: "docs/reference/limits.md", text: limitsPage(LIMIT_TABLE) },
    { path: "docs/reference/openapi.json", text: `${printJson(openApiDocument())}\n` },
    { path: "docs/reference/server-config.md", text: serverConfigPage(CONFIG_KEYS) },
    { path: "docs/reference/server.schema.json", text: `${printJson(configSchema())}\n` },
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
    otherwise(kind.standard, kind.ofNexe, "Native Client", kind.unit),
    otherwise(kind.maximum, kind.inside, "isolation `none`", kind.unit),
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

function otherwise(amount: number, other: number | undefined, where: string, unit: string): string {
  const usual = formatAmount(amount, unit);
  return other === undefined ? usual : `${usual}; ${where}: ${formatAmount(other, unit)}`;
}

export function fuelPage(table: readonly CostRow[]): string {
  const rows = [
    ...table.map(({ what, cost }) => [what, String(cost)]),
    ["every other instruction", "1"],
    [`each ${BYTES_PER_UNIT} bytes that a bulk operation on memory moves or fills`, "1"],
    ["each element that a bulk operation on a table moves, fills or adds", `${UNITS_PER_ELEMENT}`],
    ["each page of 64 KiB that is added to a memory", `${UNITS_PER_PAGE}`],
  ];
  return page(`# Fuel

${NOTICE}

Fuel measures what a guest computes. It is counted by the code itself, so that the count of a
module and its input is the same on every machine, engine and tier, however busy the machine is.
A session counts it where \`--fuel\`, or \`Fuel\` in its manifest, limits it.

${markdownTable(["What", "Units"], rows)}

## When it is charged

By runs. A run is code that is entered together, and is charged where it begins. Runs begin at the
start of a function, of the body of a loop, of each arm of an \`if\`, of a \`catch\`, and at the
end of a block that is reached by branches only. A run goes on through blocks, and behind loops
and \`if\`s.

Where a run can be left on the way, by \`br_if\` or from an arm or a loop in it, it goes on for as
long as less than ${UNITS_BEHIND_EXIT_MAX} units follow; else a new run begins there. So a guest pays for all that
it executes, and for each exit that it takes for less than ${UNITS_BEHIND_EXIT_MAX} units that it does not. Code that
cannot be reached costs nothing. Bulk operations are charged for their size before they move
anything, and growing before it grows.

## When it is looked at

Where functions that call others begin, at each turn of a loop, and at bulk operations. Between
two looks a guest executes its own code once at most, so it can use up a little more than it has.
It is ended for it all the same: the fuel that is left is then below zero.

## After a trap

All runs that had begun are charged, and so are the instructions of theirs that were not reached.
One thing is missing: in a loop that has no other in it and calls nothing, fuel is counted in a
register, and is written when the loop is left. A trap in such a loop leaves out its turns since it
was entered. That, too, is the same everywhere.

So the fuel of a session that \`faulted\` may be more than its report says, but no more than its
limit and one turn of that loop: the register is looked at in every turn. To know more, the session
would have to run a second time: how many turns there were is in nothing that a trap leaves.`);
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

export function main(): number {
  for (const { path, text } of generatedDocuments()) {
    writeFileSync(path, text);
    console.log(`wrote ${path}`);
  }
  return 0;
}
