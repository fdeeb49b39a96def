import { describe, expect, test } from "vitest";
import { type OptionSpec, parseOptions } from "./options.ts";

const SPECS: readonly OptionSpec[] = [
  { name: "all", short: "a", help: "" },
  { name: "brief", short: "b", help: "" },
  { name: "size", short: "s", value: "N", help: "" },
  { name: "read", short: "r", value: "PATH", repeat: true, help: "" },
  { name: "std", value: "NAME", hasOneDash: true, lastHolds: true, help: "" },
  { name: "form", value: "text|json", optionalValue: true, choices: ["text", "json"], help: "" },
];

function parse(line: string, stopAtOperand = false) {
  return parseOptions("tool", SPECS, line === "" ? [] : line.split(" "), { stopAtOperand });
}

describe("parseOptions", () => {
  test.each([
    ["", {}, []],
    ["-a", { all: [""] }, []],
    ["--all x", { all: [""] }, ["x"]],
    ["-ab", { all: [""], brief: [""] }, []],
    ["-abs3", { all: [""], brief: [""], size: ["3"] }, []],
    ["-s 3", { size: ["3"] }, []],
    ["-s=3", { size: ["3"] }, []],
    ["-s3=4", { size: ["3=4"] }, []],
    ["--size 3", { size: ["3"] }, []],
    ["--size=3=4", { size: ["3=4"] }, []],
    ["--size=", { size: [""] }, []],
    ["--size -a", { size: ["-a"] }, []],
    ["-r a -r b --read=c", { read: ["a", "b", "c"] }, []],
    ["--form x", { form: [""] }, ["x"]],
    ["--form=json", { form: ["json"] }, []],
    ["-std=c99 -std c11", { std: ["c99", "c11"] }, []],
    ["--std=c99", { std: ["c99"] }, []],
    ["-std3", { size: ["td3"] }, []],
    ["x -a y", { all: [""] }, ["x", "y"]],
    ["x -- -a y", {}, ["x", "-a", "y"]],
    ["-", {}, ["-"]],
    ["-- --", {}, ["--"]],
  ])("%j", (line, values: Record<string, string[]>, operands) => {
    const parsed = parse(line);
    for (const { name } of SPECS) {
      expect([name, parsed.all(name)]).toEqual([name, values[name] ?? []]);
      expect(parsed.has(name)).toBe(values[name] !== undefined);
      expect(parsed.last(name)).toBe(values[name]?.at(-1));
    }
    expect(parsed.operands).toEqual(operands);
  });

  test("what follows the first operand belongs to the guest", () => {
    const parsed = parse("-a prog -b -- --size", true);
    expect(parsed.operands).toEqual(["prog", "-b", "--", "--size"]);
    expect(parsed.has("brief")).toBe(false);
    expect(parse("-a -- -b c", true).operands).toEqual(["-b", "c"]);
  });

  test.each([
    ["--nothing", "there is no option --nothing"],
    ["--nothing=1", "there is no option --nothing;"],
    ["-x", "there is no option -x"],
    ["-ax", "there is no option -x"],
    ["--all=1", "--all takes no value"],
    ["-s", "-s needs a value, N"],
    ["--size", "--size needs a value, N"],
    ["-a -a", "--all is given more than once"],
    ["-s1 --size 2", "--size is given more than once"],
    ["--form=xml", "--form is one of text, json, not 'xml'"],
  ])("%s is refused", (line, message) => {
    expect(() => parse(line)).toThrow(message);
    expect(() => parse(line)).toThrow("zerovm tool: ");
    expect(() => parse(line)).toThrow("see 'zerovm tool --help'");
    expect(() => parse(line)).toThrow(expect.objectContaining({ code: "ZVM_USAGE" }));
  });
});
