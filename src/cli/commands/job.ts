import { printable, ZvmError } from "../../base/index.ts";
import {
  drawPlan,
  type FolderPlan,
  GRAPHS,
  type KnownImages,
  planOnFolders,
} from "../../zerocloud/index.ts";
import { type Command, complain, JSON_OPTION, print } from "../command.ts";
import { IMAGE_OPTIONS, imagesOf, type JobImages, openEach } from "../job-images.ts";
import type { ParsedOptions } from "../options.ts";
import { readNamedText } from "../read-text.ts";
import { RUN_JOB_OPTIONS, runJob } from "../run-job.ts";
import { FOUND_STATUS, showFindings } from "../show-findings.ts";
import { planTable } from "../show-plan.ts";

/** `zerovm job plan`. */
export const JOB: Command = {
  name: "job",
  usage: [
    "run [options] FILE",
    "plan [--store DIR] [--image NAME=TAR] [--json | --graph mermaid|svg] FILE",
  ],
  description:
    "Runs a job of ZeroCloud, or plans it without running it: which nodes it has, what each of them\n" +
    "reads and writes, beside which object it runs, and how they are connected. Folders stand for the\n" +
    "store: swift://~/CONTAINER/OBJECT is DIR/CONTAINER/OBJECT. No symbolic link is followed. FILE may\n" +
    "be - for standard input. What nodes answer goes to standard output; what they store appears whole\n" +
    "or not at all.",
  options: [
    { name: "store", value: "DIR", isPath: true, help: "The folder of the containers, unless ." },
    {
      name: "graph",
      value: "mermaid|svg",
      choices: GRAPHS,
      help: "plan: print a graph in this form",
    },
    ...IMAGE_OPTIONS,
    ...RUN_JOB_OPTIONS,
    JSON_OPTION,
  ],
  words: ["run", "plan"],
  examples: [
    { line: "zerovm job run job.json", does: "the answer, over the containers in this folder" },
    {
      line: "zerovm job run --image python=python.tar --stdin data.csv job.json",
      does: "with a system image and data of the request",
    },
    { line: "zerovm job plan job.json", does: "the nodes over the containers in this folder" },
    { line: "zerovm job plan --store data job.json", does: "the same over those in data" },
    { line: "zerovm job plan --graph mermaid job.json > job.mmd", does: "a graph for Mermaid" },
    { line: "zerovm job plan --graph svg job.json > job.svg", does: "a picture for browsers" },
  ],
  notes:
    "Exit status of plan: 0 planned, 1 the job has errors, 125 the job or the folder cannot be read.\n" +
    "Of run: the same, else the highest status of a node, as zerovm run has it; 125 for one that was\n" +
    "refused, or whose output could not be stored.",
  run: async (parsed) => await jobCommand(parsed),
};

async function jobCommand(parsed: ParsedOptions): Promise<number> {
  const [verb, file, ...more] = parsed.operands;
  if (verb !== "plan" && verb !== "run") {
    throw new ZvmError("ZVM_USAGE", "zerovm job: say run or plan; see 'zerovm job --help'");
  }
  if (file === undefined || more.length > 0) {
    throw new ZvmError("ZVM_USAGE", `zerovm job ${verb}: name one FILE; '-' reads standard input`);
  }
  judgeOptions(verb, parsed);
  return verb === "run" ? await runJob(file, parsed) : await planJob(file, parsed);
}

/** An option of the other verb is no option of this one. */
function judgeOptions(verb: "run" | "plan", parsed: ParsedOptions): void {
  const others = verb === "run" ? ["graph"] : RUN_JOB_OPTIONS.map(({ name }) => name);
  const other = others.find((name) => parsed.has(name));
  if (other === undefined) return;
  throw new ZvmError("ZVM_USAGE", `zerovm job ${verb} has no --${other}; see 'zerovm job --help'`);
}

async function planJob(file: string, parsed: ParsedOptions): Promise<number> {
  if (parsed.has("json") && parsed.has("graph")) {
    throw new ZvmError("ZVM_USAGE", "zerovm job plan: --json and --graph exclude each other");
  }
  const store = parsed.last("store") ?? ".";
  const images = imagesOf(parsed);
  await openEach(images);
  const planned = await planOnFolders(readNamedText(file), store, knownImages(images));
  if (parsed.has("json")) print(JSON.stringify(planned, null, 2));
  else show(planned, file, parsed);
  return planned.plan === undefined ? FOUND_STATUS : 0;
}

/** Who names a system image has named all that there are; nothing is known of them otherwise. */
function knownImages({ systemImages, postedImage }: JobImages): KnownImages {
  return {
    ...(systemImages.size > 0 && { systemImages: [...systemImages.keys()] }),
    ...(postedImage !== undefined && { hasPostedImage: true }),
  };
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
