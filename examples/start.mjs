/**
 * `npm start`: the main job. CPython works on a data file in the sandbox, a file that was not
 * granted stays out of reach, a limit ends a session, and the report says what happened. Each
 * command is shown as at a shell, with its real output; the end is an error unless all of them
 * did what they should.
 */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const SALES = "examples/csv-statistics/sales.csv";
const SUMMARY = "examples/csv-statistics/summary.py";
const READ_SALES = `print(open("${SALES}").read())`;
/** Source of a Native Client program; there is no program file in the repository. */
const LINES = "examples/native-client/lines.s";
const NEXE = "node_modules/.cache/lines.nexe";
const TIMEOUT_MS = 30_000;

/** What is shown, the exit status that each must have, and what its output must hold. */
const STEPS = [
  {
    says: "A program gets a small world of its own: its own root, its own clock.",
    args: ["run", "python", "-c", 'import os, time; print(os.listdir("/"), time.ctime())'],
    status: 0,
    shows: ["Jan  1 00:00:00 1970"],
  },
  {
    says: "The main job: CPython and one file of yours, granted by the @ before its name.",
    args: ["run", "python", SUMMARY, `@${SALES}`],
    status: 0,
    shows: ["60 sales", "167428.85"],
  },
  {
    says: "The same file, not granted: for the program it does not exist.",
    args: ["run", "python", "-c", READ_SALES],
    status: 1,
    shows: ["FileNotFoundError", "zerovm: hint:", `@${SALES}`],
  },
  {
    says: "A program that does not end is ended.",
    args: ["run", "--timeout", "1", "python", "-c", "while True: pass"],
    status: 124,
    shows: ["time limit"],
  },
  {
    says: "A Native Client program, x86-64 code for the original ZeroVM, counts lines of the same file.",
    assembles: LINES,
    args: ["run", NEXE],
    stdin: SALES,
    status: 0,
    shows: ["61"],
  },
  {
    says: "The report, on standard error as JSON; of its fields, these are shown here.",
    args: ["run", "--report=json", "--etag", "python", SUMMARY, `@${SALES}`],
    status: 0,
    shows: ['"traceHash"'],
    print: printReport,
  },
];

let failed = 0;
for (const step of STEPS) {
  const from = step.stdin === undefined ? "" : ` < ${step.stdin}`;
  console.log(`# ${step.says}\n$ zerovm ${step.args.map(quoted).join(" ")}${from}`);
  if (step.assembles !== undefined) node(["tools/run.mjs", "assemble", step.assembles, "-o", NEXE]);
  const { text, stdout, stderr, status } = run(step);
  if (step.print === undefined) process.stdout.write(text);
  else step.print(stdout, stderr);
  if (status !== 0) console.log(`[exit status ${status}]`);
  console.log("");
  const missing = step.shows.filter((words) => !text.includes(words));
  if (status === step.status && missing.length === 0) continue;
  failed += 1;
  console.log(
    `This went wrong: expected status ${step.status} and ${JSON.stringify(step.shows)}\n`,
  );
}
process.exitCode = failed === 0 ? 0 : 1;

function run({ args, stdin }) {
  const input = stdin === undefined ? "" : readFileSync(join(ROOT, stdin));
  const { stdout, stderr, status, error } = node(["bin/zerovm.js", ...args], input);
  const text = `${stdout ?? ""}${stderr ?? ""}${error === undefined ? "" : `${error}\n`}`;
  return { text, stdout, stderr, status };
}

function node(words, input = "") {
  return spawnSync(process.execPath, words, {
    cwd: ROOT,
    encoding: "utf8",
    timeout: TIMEOUT_MS,
    input,
  });
}

function quoted(word) {
  if (/^[\w@%+=:,./-]+$/.test(word)) return word;
  return `'${word.replaceAll("'", "'\\''")}'`;
}

/** The lines of the report that say most; the whole is some screens long. */
function printReport(stdout, stderr) {
  process.stdout.write(stdout);
  let report;
  try {
    report = JSON.parse(stderr);
  } catch {
    process.stdout.write(stderr);
    return;
  }
  const { outcome, times, memory, channels, walls, traceHash } = report;
  console.log(`outcome    ${outcome.kind}, code ${outcome.code}`);
  console.log(`times      ${Math.round(times.wallMs)} ms`);
  console.log(`memory     ${memory.linearBytes} bytes`);
  for (const { alias, gets, getBytes, puts, putBytes, etag } of channels) {
    if (gets + puts === 0) continue;
    console.log(
      `channel    ${alias}: ${gets} gets, ${getBytes} bytes; ${puts} puts, ${putBytes} bytes`,
    );
    console.log(`           ${etag}`);
  }
  console.log(`walls      ${walls.join(", ")}`);
  console.log(`trace      ${traceHash}`);
}
