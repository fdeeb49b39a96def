import { printable, textOf, ZvmError } from "../../base/index.ts";
import {
  buildPlan,
  formatManifest,
  type Plan,
  type Report,
  type RunOptions,
  resolveProgram,
  runPlan,
  savedFiles,
  savePlan,
} from "../../zerovm/index.ts";
import { type Command, complain, print } from "../command.ts";
import { etagHint } from "../hints.ts";
import { catchInterrupts } from "../interrupt.ts";
import type { ParsedOptions } from "../options.ts";
import { presentReport, reportFileOf, withShellStatus } from "../present-report.ts";
import { filesOf, judgeReportFile, type NeededFile } from "../report-file.ts";
import { RUN_SETTINGS, readRunOptions } from "../run-settings.ts";

/** `zerovm run`. */
export const RUN: Command = {
  name: "run",
  usage: ["[options] PROGRAM [ARG…]"],
  description:
    "Runs a program with just what the options grant. PROGRAM is a .wasm or .nexe file, or the name\n" +
    "of a runtime (zerovm runtime ls). In arguments @FILE grants FILE for reading and becomes its name\n" +
    "inside, @+FILE grants creating or writing it, @@ is a literal @. The first argument of python,\n" +
    "php and ruby, where it is a file, is granted for reading: it is the script.",
  options: RUN_SETTINGS,
  stopAtOperand: true,
  examples: [
    {
      line: "zerovm run python -c 'import os; print(os.listdir(\"/\"))'",
      does: "a small world of its own",
    },
    {
      line: "zerovm run python report.py @sales.csv @+summary.txt",
      does: "a script that reads one file and writes another",
    },
    {
      line: "zerovm run --timeout 2 --memory 64M --report=json tool.wasm < input > output",
      does: "limits, and the report as JSON on standard error",
    },
    {
      line: "zerovm run --dir project:/src:ro --image out.tar:/out:export build.wasm",
      does: "a folder to read, and a directory that comes out as a tar",
    },
    {
      line: "zerovm run -c 'tcp:127.0.0.1:6001,/dev/stdout,0,0,0,0,999,999999' tool.wasm",
      does: "its output goes to the session that reads tcp:127.0.0.1:6001",
    },
  ],
  notes: `Exit status: the guest's own; 124 time or stack limit; 125 our own or the host's error;
126 program refused; 127 program not found; 132 illegal instruction, 136 division, 139 memory.`,
  run: async (parsed) => runCommand(parsed),
};

async function runCommand(parsed: ParsedOptions): Promise<number> {
  const interrupts = catchInterrupts(parsed.last("isolation") === "none");
  try {
    const options = { ...readRunOptions(parsed), signal: interrupts.signal };
    const file = await reportFileOf(parsed);
    const program = await resolveProgram(options.program, {
      ...options.runtimes,
      signal: interrupts.signal,
    });
    const plan = buildPlan(options, program);
    const reportPath = parsed.last("report-file");
    if (reportPath !== undefined) {
      judgeReportFile(reportPath, [...filesOf(plan.manifest), ...written(parsed)]);
    }
    const hint = parsed.has("memory") ? undefined : etagHint(plan.manifest);
    if (hint !== undefined) complain(`zerovm: hint: ${hint}`);
    const ran = await judgeAndRun(parsed, plan, options);
    const report = withShellStatus(ran, interrupts);
    await presentReport(report, parsed, { kind: "program", name: options.program }, file);
    return report.exitStatus;
  } catch (error) {
    const status = interrupts.status();
    if (status === undefined || !(error instanceof ZvmError)) throw error;
    complain("zerovm: interrupted");
    return status;
  } finally {
    interrupts.release();
  }
}

/** What other options write of the session. */
function written(parsed: ParsedOptions): NeededFile[] {
  const record = parsed.last("record");
  const folder = parsed.last("save");
  return [
    ...(record === undefined ? [] : [{ role: "the record", path: record }]),
    ...(folder === undefined
      ? []
      : savedFiles(folder).map((path) => ({ role: "what --save writes", path }))),
  ];
}

/** With `--dry-run` and `--save` everything is judged first, and shown or saved if it passed. */
async function judgeAndRun(
  parsed: ParsedOptions,
  plan: Plan,
  options: RunOptions,
): Promise<Report> {
  const folder = parsed.last("save");
  const isDry = parsed.has("dry-run");
  if (folder === undefined && !isDry) return (await runPlan(plan, options)).report;
  const { report } = await runPlan(plan, { ...options, dryRun: true });
  if (report.outcome.kind === "refused") return report;
  if (isDry) showPlan(plan);
  if (folder === undefined) return report;
  const saved = savePlan(plan, folder);
  complain(`zerovm: saved as ${printable(saved.path)}`);
  const rules = rulesOf(options);
  if (rules !== "") complain(`zerovm: hint: no manifest holds these: give exec ${rules} as well`);
  return isDry ? report : (await runPlan(saved.plan, options)).report;
}

/** The options of Native Client programs that a manifest has no words for. */
function rulesOf({ policy, strictMemory }: RunOptions): string {
  const words = policy === undefined ? [] : [`--policy ${policy}`];
  return [...words, ...(strictMemory === true ? ["--strict-memory"] : [])].join(" ");
}

function showPlan({ manifest, folders }: Plan): void {
  print(planText(manifest));
  for (const { host, guest, mode } of folders) {
    print(`# folder ${printable(host)} at ${printable(guest)}, ${mode}`);
  }
}

/** The manifest, or what can be said where its text form cannot hold it. */
function planText(manifest: Plan["manifest"]): string {
  try {
    return formatManifest(manifest);
  } catch (error) {
    if (!(error instanceof ZvmError)) throw error;
    const lines = manifest.channels.map(({ alias, sources }) => {
      const paths = sources.map((source) => (source.kind === "path" ? source.path : source.text));
      return `# channel ${printable(textOf(alias))}: ${printable(paths.join("; "))}`;
    });
    return [`# ${printable(error.message)}`, ...lines].join("\n");
  }
}
