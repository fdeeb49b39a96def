import { printable, ZvmError } from "../../base/index.ts";
import { drawPlan, type FolderPlan, GRAPHS, planOnFolders } from "../../zerocloud/index.ts";
import { type Command, complain, JSON_OPTION, print } from "../command.ts";
import type { ParsedOptions } from "../options.ts";
import { readNamedText } from "../read-text.ts";
import { FOUND_STATUS, showFindings } from "../show-findings.ts";
import { planTable } from "../show-plan.ts";

/** `zerovm job plan`. */
export const JOB: Command = {
  name: "job",
  usage: ["plan [--store DIR] [--json | --graph mermaid|svg] FILE"],
  description:
    "Plans a job of ZeroCloud without running it: which nodes it has, what each of them reads and\n" +
    "writes, beside which object it runs, and how they are connected. Folders stand for the store:\n" +
    "swift://~/CONTAINER/OBJECT is DIR/CONTAINER/OBJECT. No symbolic link is followed. FILE may be -\n" +
    "for standard input.",
  options: [
    { name: "store", value: "DIR", isPath: true, help: "The folder of the containers, unless ." },
    { name: "graph", value: "mermaid|svg", choices: GRAPHS, help: "Print a graph in this form" },
    JSON_OPTION,
  ],
  words: ["plan"],
  examples: [
    { line: "zerovm job plan job.json", does: "the nodes over the containers in this folder" },
    { line: "zerovm job plan --store data job.json", does: "the same over those in data" },
    { line: "zerovm job plan --graph mermaid job.json > job.mmd", does: "a graph for Mermaid" },
    { line: "zerovm job plan --graph svg job.json > job.svg", does: "a picture for browsers" },
  ],
  notes:
    "Exit status: 0 planned, 1 the job has errors, 125 the job or the folder cannot be read.\n" +
    "Nothing runs jobs yet.",
  run: async (parsed) => await jobCommand(parsed),
};

async function jobCommand(parsed: ParsedOptions): Promise<number> {
  const [verb, file, ...more] = parsed.operands;
  if (verb !== "plan") {
    throw new ZvmError("ZVM_USAGE", "zerovm job: say plan; see 'zerovm job --help'");
  }
  if (file === undefined || more.length > 0) {
    throw new ZvmError("ZVM_USAGE", "zerovm job plan: name one FILE; '-' reads standard input");
  }
  if (parsed.has("json") && parsed.has("graph")) {
    throw new ZvmError("ZVM_USAGE", "zerovm job plan: --json and --graph exclude each other");
  }
  const store = parsed.last("store") ?? ".";
  const planned = await planOnFolders(readNamedText(file), store);
  if (parsed.has("json")) print(JSON.stringify(planned, null, 2));
  else show(planned, file, parsed);
  return planned.plan === undefined ? FOUND_STATUS : 0;
}

function show(planned: FolderPlan, file: string, parsed: ParsedOptions): void {
  const { plan, findings, leftOut } = planned;
  showFindings(file, findings);
  for (const { path, reason } of leftOut) {
    complain(`zerovm: warning: ${printable(path)} is no object: ${reason}`);
  }
  const language = GRAPHS.find((name) => name === parsed.last("graph"));
  if (plan === undefined) return;
  print(language === undefined ? planTable(plan) : drawPlan(plan, language));
}
