import { printable } from "../../base/index.ts";

const FIRST: readonly string[] = ["time", "level", "kind", "text"];

/** A JSON line as people read it: time of day, level, what it is, then `name=value` pairs. */
export function textLine(line: string): string {
  const fields: Readonly<Record<string, unknown>> = JSON.parse(line);
  const { time, level, kind, text } = fields;
  const start = [String(time).slice(11, 23), String(level).toUpperCase().padEnd(5), word(kind)];
  const pairs = Object.entries(fields)
    .filter(([name]) => !FIRST.includes(name))
    .map(([name, value]) => `${name}=${word(value)}`);
  const said = text === undefined ? [] : [printable(String(text))];
  return `${[...start, ...said, ...pairs].join(" ")}\n`;
}

/** What has blanks or quotes in it stands in quotes. */
function word(value: unknown): string {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return printable(/^[^\s"=]+$/.test(text) ? text : JSON.stringify(text));
}
