import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { VERSION } from "../base/index.ts";
import { type Command, HELP_OPTION } from "./command.ts";
import { commandHelp, overallHelp } from "./help.ts";
import { parseOptions } from "./options.ts";
import { REGISTRY } from "./registry.ts";
import { table } from "./table.ts";

const NAMES = Object.keys(REGISTRY);
const WIDTH = 100;

const commands = new Map<string, Command>();

beforeAll(async () => {
  for (const [name, { load }] of Object.entries(REGISTRY)) commands.set(name, await load());
});

function command(name: string): Command {
  const found = commands.get(name);
  if (found === undefined) throw new Error(`There is no ${name}`);
  return found;
}

describe.each(NAMES)("help of %s", (name) => {
  test("shows every option, usage and example", () => {
    const help = commandHelp(command(name));
    for (const option of [...command(name).options, HELP_OPTION]) {
      const value = option.value ?? "";
      const form =
        option.value === undefined ? "" : option.optionalValue ? `[=${value}]` : ` ${value}`;
      const short = option.short === undefined ? "" : `-${option.short}, `;
      const dashes = option.hasOneDash === true ? "-" : "--";
      expect(help).toContain(`${short}${dashes}${option.name}${form}`);
      const [word = ""] = option.help.split(" ");
      expect(help).toContain(word);
    }
    for (const usage of command(name).usage) expect(help).toContain(`zerovm ${name} ${usage}`);
    for (const { line, does } of command(name).examples) {
      expect(help).toContain(line);
      expect(help).toContain(does);
    }
    expect(help.endsWith("\n")).toBe(true);
  });

  test("fits a terminal", () => {
    const help = commandHelp(command(name));
    expect(help.split("\n").filter((line) => line.length > WIDTH)).toEqual([]);
  });

  test("has examples that its own table understands", () => {
    const { options, examples, stopAtOperand = false } = command(name);
    expect(examples.length).toBeGreaterThan(0);
    for (const { line } of examples) {
      const words = wordsOf(line);
      const start = words.indexOf("zerovm");
      const [called, ...argv] = words.slice(start + 1);
      if (called !== name) {
        expect([called, /\.manifest$/.test(called ?? "")]).toEqual([called, true]);
        continue;
      }
      const specs = [...options, HELP_OPTION];
      expect(() => parseOptions(name, specs, argv, { stopAtOperand })).not.toThrow();
    }
  });

  test("has distinct options", () => {
    const specs = [...command(name).options, HELP_OPTION];
    const names = specs.flatMap((spec) => [`--${spec.name}`, ...(spec.short ? [spec.short] : [])]);
    expect(new Set(names).size).toBe(names.length);
  });
});

/** As a shell splits it: quotes, up to a redirection. */
function wordsOf(line: string): string[] {
  const [before = ""] = line.replace(/^source <\(|\)$/g, "").split(/ [<>] /);
  return [...before.matchAll(/'([^']*)'|(\S+)/g)].map((match) => match[1] ?? match[2] ?? "");
}

test("the help of the whole names every command", () => {
  const help = overallHelp(REGISTRY);
  for (const [name, { summary }] of Object.entries(REGISTRY)) {
    expect(help).toMatch(new RegExp(`^  ${name} +${summary.slice(0, 20)}`, "m"));
    expect(command(name).name).toBe(name);
  }
});

test("the reference shows every option of run, exec and check", () => {
  const page = readFileSync(join(import.meta.dirname, "../../docs/reference/command-line.md"));
  for (const name of ["run", "exec"]) {
    for (const option of command(name).options) expect(`${page}`).toContain(`--${option.name}`);
  }
});

test("table puts what is too wide on lines of its own", () => {
  const text = table([
    ["a", "one ".repeat(40).trim()],
    ["x".repeat(50), "two"],
  ]);
  const lines = text.split("\n");
  expect(lines.every((line) => line.length <= WIDTH)).toBe(true);
  expect(lines.at(-2)).toBe(`  ${"x".repeat(50)}`);
  expect(lines.at(-1)?.trim()).toBe("two");
});

test("the version is the package's", () => {
  const text = readFileSync(join(import.meta.dirname, "../../package.json"), "utf8");
  expect((JSON.parse(text) as { version: string }).version).toBe(VERSION);
});
