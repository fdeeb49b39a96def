import { printable, ZvmError } from "../../base/index.ts";
import { createProject } from "../../zerocloud/bundle/index.ts";
import { TEMPLATES, type TemplateName } from "../../zerocloud/zapp/index.ts";
import { type Command, JSON_OPTION, print } from "../command.ts";
import type { ParsedOptions } from "../options.ts";

const NAMES = Object.keys(TEMPLATES) as TemplateName[];

/** `zerovm new`. */
export const NEW: Command = {
  name: "new",
  usage: ["[DIR] [--template hello|filter|rest|python]"],
  description:
    "Makes a project in DIR, or in the current folder: a zapp.yaml that says what is packed and\n" +
    "what runs, and a program, in C or in Python. zerovm pack compiles what is C, and it runs as it\n" +
    "is. Where one of its files is there already, nothing is made.",
  options: [
    { name: "template", value: "NAME", choices: NAMES, help: "What to begin with, unless hello" },
    JSON_OPTION,
  ],
  examples: [
    { line: "zerovm new greeter", does: "a project that answers with a text" },
    { line: "zerovm new finder --template filter", does: "one that works beside many objects" },
    { line: "zerovm new shop --template rest", does: "one that answers requests" },
  ],
  notes: NAMES.map((name) => `${name.padEnd(8)}${TEMPLATES[name].summary}`).join("\n"),
  run: async (parsed) => makeProject(parsed),
};

function makeProject(parsed: ParsedOptions): number {
  const [folder = ".", ...more] = parsed.operands;
  if (more.length > 0) throw new ZvmError("ZVM_USAGE", "zerovm new: name one DIR");
  const template = NAMES.find((name) => name === parsed.last("template")) ?? "hello";
  const files = createProject(folder, template);
  if (parsed.has("json")) print(JSON.stringify({ folder, template, files }, null, 2));
  else {
    for (const file of files)
      print(`made ${printable(folder === "." ? file : `${folder}/${file}`)}`);
    print(`Next: zerovm pack ${folder === "." ? "" : printable(folder)}`.trimEnd());
  }
  return 0;
}
