import type { JobLimitKind, RuleKind } from "../src/zerocloud/job/index.ts";
import { formatAmount, markdownTable, NOTICE, page } from "./page.ts";

/** The page of all that can be wrong with a job. */
export function jobErrorsPage(
  rules: Readonly<Record<string, RuleKind>>,
  limits: Readonly<Record<string, JobLimitKind>>,
): string {
  const all = Object.entries(rules);
  const errors = all.filter(([, { status }]) => status !== 200);
  const warnings = all.filter(([, { status }]) => status === 200);
  return page(`# Errors of jobs

${NOTICE}

What can be wrong with a [job](job-language.md). A finding has the name of its *rule*, which is
stable; a message, in which \`{…}\` is a part of the job; the place as a JSON pointer, as
\`/0/devices/2/path\`, which also ends the message; and line and column in the text. All findings of
a job are reported, errors first, each group in the order of the text. *HTTP* is the status of a
server that refuses the job for it.

## Errors

${markdownTable(
  ["Rule", "Message", "HTTP", "When, and what to do"],
  errors.map(([name, rule]) => [
    `\`${name}\``,
    `\`${rule.text}\``,
    String(rule.status),
    rule.meaning,
  ]),
)}

## Warnings

The job runs all the same.

${markdownTable(
  ["Rule", "Message", "When, and what to do"],
  warnings.map(([name, rule]) => [`\`${name}\``, `\`${rule.text}\``, rule.meaning]),
)}

## Limits

A server can set each of them, up to its maximum.

${markdownTable(
  ["Name", "Unit", "Default", "Maximum", "Meaning"],
  Object.entries(limits).map(([name, kind]) => [
    `\`${name}\``,
    kind.unit,
    formatAmount(kind.standard, kind.unit),
    formatAmount(kind.maximum, kind.unit),
    kind.meaning,
  ]),
)}`);
}
