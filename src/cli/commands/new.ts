import { readdirSync } from "node:fs";
import { printable, ZvmError } from "../../base/index.ts";
import { createProject } from "../../zerocloud/bundle/index.ts";
import { TEMPLATES, type TemplateName } from "../../zerocloud/zapp/index.ts";
import { missingForWasi } from "../../zerovm/index.ts";
import { type Command, JSON_OPTION, print } from "../command.ts";
import type { ParsedOptions } from "../options.ts";

const NAMES = Object.keys(TEMPLATES) as TemplateName[];

/** `zerovm new`. */
export const NEW: Command = {
  name: "new",
  usage: ["[DIR] [--template hello|filter|rest|python]"],
  description:
    "Makes a project in DIR, or in the current folder where that is empty: a zapp.yaml that says what\n" +
    "is packed and what runs, and a program, in C or in Python. zerovm pack compiles what is C, and it\n" +
    "runs as it is. Where one of its files is there already, nothing is made.",
  options: [
    { name: "template", value: "NAME", choices: NAMES, help: "What to begin with, unless hello" },
    JSON_OPTION,
  ],
  examples: [
    { line: "zerovm new greeter", does: "a project that answers with a text" },
    { line: "zerovm new .", does: "one in this folder, whatever else it holds" },
    { line: "zerovm new finder --template filter", does: "one that works beside many objects" },
    { line: "zerovm new shop --template rest", does: "one that answers requests" },
  ],
  notes: NAMES.map((name) => `${name.padEnd(8)}${TEMPLATES[name].summary}`).join("\n"),
  run: async (parsed) => makeProject(parsed),
};

function makeProject(parsed: ParsedOptions): number {
  const [folder = ".", ...more] = parsed.operands;
  if (more.length > 0) throw new ZvmError("ZVM_USAGE", "zerovm new: name one DIR");
  if (parsed.operands.length === 0 && readdirSync(".").length > 0) {
    const advice = "name a DIR to be made, or '.' for this folder all the same";
    throw new ZvmError("ZVM_USAGE", `zerovm new: the current folder is not empty: ${advice}`);
  }
  const template = NAMES.find((name) => name === parsed.last("template")) ?? "hello";
  const files = createProject(folder, template);
  // Whoever begins with C learns now what it takes, and not when all is written.
  const missing = files.some((file) => file.endsWith(".c")) ? missingForWasi() : undefined;
  if (parsed.has("json")) print(JSON.stringify({ folder, template, files, missing }, null, 2));
  else {
    for (const file of files)
      print(`made ${printable(folder === "." ? file : `${folder}/${file}`)}`);
    if (missing !== undefined) print(`zerovm pack has to compile it. ${missing}`);
    print(`Next: zerovm pack ${folder === "." ? "" : printable(folder)}`.trimEnd());
  }
  return 0;
}
