import { closeSync, createReadStream, fstatSync, openSync } from "node:fs";
import { availableParallelism } from "node:os";
import { printable, ZvmError } from "../base/index.ts";
import { type FolderRun, runOnFolders, type SpooledFile, spool } from "../zerocloud/index.ts";
import { reasonOf } from "../zerovm/index.ts";
import { circleHint } from "./circle-hint.ts";
import { complain, print, printBytes, shownFile } from "./command.ts";
import { catchInterrupts } from "./interrupt.ts";
import { imagesOf, openEach, readImage } from "./job-images.ts";
import { JobProgress } from "./job-progress.ts";
import {
  plainRun,
  plainRunWithBodies,
  runTable,
  statusOfRun,
  waitedFor,
  wordsOf,
} from "./job-report.ts";
import type { OptionSpec, ParsedOptions } from "./options.ts";
import { reportFileOf } from "./present-report.ts";
import { readNamedText } from "./read-text.ts";
import { readTimeout } from "./read-timeout.ts";
import { judgeReportFile, type NeededFile } from "./report-file.ts";
import { readMemory } from "./run-settings.ts";
import { FOUND_STATUS, showFindings } from "./show-findings.ts";
import { wholeNumber } from "./whole-number.ts";

/** The options of `zerovm job run` besides those of `job plan`. */
export const RUN_JOB_OPTIONS: readonly OptionSpec[] = [
  { name: "stdin", value: "FILE", isPath: true, help: "run: the data of the request, - for ours" },
  { name: "timeout", value: "SECONDS", help: "run: wall time of each node (default 10)" },
  { name: "memory", value: "SIZE", help: "run: linear memory of each node (default 4G)" },
  { name: "concurrency", value: "N", help: "run: nodes at one time (default: the processors)" },
  {
    name: "report-file",
    value: "FILE",
    isPath: true,
    help: "run: write what became of it as JSON",
  },
  { name: "quiet", help: "run: show neither progress nor the table at the end" },
];

const CONCURRENCY_MAX = 10_000;
/** As much as one channel may read. */
const STDIN_BYTES_MAX = 2 ** 30;

/** `zerovm job run`. @returns the exit status */
export async function runJob(file: string, parsed: ParsedOptions): Promise<number> {
  const interrupts = catchInterrupts();
  const progress = new JobProgress(parsed.has("quiet") || parsed.has("json"));
  let body: SpooledFile | undefined;
  try {
    if (file === "-" && parsed.last("stdin") === "-") {
      throw new ZvmError("ZVM_USAGE", "zerovm job run: the job and --stdin cannot both be -");
    }
    const reportFile = await reportFileOf(parsed);
    judgeReport(file, parsed);
    const text = readNamedText(file);
    body = await readBody(parsed.last("stdin"));
    const run = await runOnFolders(text, parsed.last("store") ?? ".", {
      id: String(process.pid),
      ...settingsOf(parsed),
      ...(body !== undefined && { body }),
      signal: interrupts.signal,
      onPlan: (planned) => progress.begin(planned),
      onProgress: (event) => progress.hear(event),
    });
    progress.end();
    await show(run, file, parsed);
    await showBadImage(run, parsed);
    await reportFile?.write(JSON.stringify(plainRun(run), null, 2));
    if (run.result === undefined) return FOUND_STATUS;
    return interrupts.status() ?? statusOfRun(run);
  } finally {
    progress.end();
    interrupts.release();
    body?.close();
  }
}

/** The report must not destroy what the job reads. */
function judgeReport(file: string, parsed: ParsedOptions): void {
  const report = parsed.last("report-file");
  if (report === undefined) return;
  const named = (role: string, path: string | undefined): NeededFile[] =>
    path === undefined || path === "-" ? [] : [{ role, path }];
  judgeReportFile(report, [
    ...named("the job", file),
    ...named("the data of the request", parsed.last("stdin")),
    ...named("the posted image", parsed.last("posted-image")),
    ...parsed.all("image").flatMap((text) => named("a system image", readImage(text)[1])),
  ]);
}

async function show(run: FolderRun, file: string, parsed: ParsedOptions): Promise<void> {
  if (parsed.has("json")) {
    print(JSON.stringify(await plainRunWithBodies(run), null, 2));
    return;
  }
  showFindings(file, run.findings);
  for (const { path, reason } of run.leftOut) {
    complain(`zerovm: warning: ${printable(path)} is no object: ${reason}`);
  }
  for (const { responses } of run.result?.instances ?? []) {
    for (const { device, body } of responses) {
      // What has no device is said of a node that failed, and no answer of it.
      if (device === "") body.release();
      else for await (const bytes of body.read()) await printBytes(bytes);
    }
  }
  if (parsed.has("quiet")) showFailures(run);
  else if (run.result !== undefined) complain(runTable(run));
  showCircle(run);
}

/** An answer of HTTP names the device alone; who has the file is told what is wrong with it. */
async function showBadImage({ result }: FolderRun, parsed: ParsedOptions): Promise<void> {
  const isBad = result?.instances.some(({ error }) =>
    error?.startsWith("Failed to read the image"),
  );
  if (isBad !== true || parsed.has("json")) return;
  await openEach(imagesOf(parsed)).catch((error: unknown) => {
    if (!(error instanceof ZvmError)) throw error;
    complain(`zerovm: ${error.message}`);
  });
}

/** Of the first node that waited in vain; what the others say follows from it. */
function showCircle({ plan, result }: FolderRun): void {
  const waiting = (result?.instances ?? []).flatMap((instance) => {
    const alias = waitedFor(instance);
    return alias === undefined ? [] : [{ name: instance.name, alias }];
  });
  const [first] = waiting;
  if (plan === undefined || first === undefined) return;
  const hint = circleHint(plan, first);
  if (hint !== undefined) complain(`zerovm: hint: ${hint}`);
}

/** Where there is no table: one line for each node that failed. */
function showFailures({ result }: FolderRun): void {
  for (const instance of result?.instances ?? []) {
    const { name, error, state } = instance;
    if (error === undefined || state === "skipped" || state === "cancelled") continue;
    complain(`zerovm: ${printable(name)}: ${printable(wordsOf(instance))}`);
  }
}

function settingsOf(parsed: ParsedOptions) {
  const timeout = parsed.last("timeout");
  const memory = parsed.last("memory");
  const { systemImages, postedImage } = imagesOf(parsed);
  return {
    systemImages,
    concurrency: wholeNumber(parsed, "concurrency", CONCURRENCY_MAX) ?? availableParallelism(),
    ...(timeout !== undefined && { timeoutSeconds: readTimeout(timeout, "--timeout") }),
    ...(memory !== undefined && { memoryBytes: readMemory(memory) }),
    ...(postedImage !== undefined && { postedImage }),
  };
}

/** Kept in a file, since several nodes may read it. */
async function readBody(file: string | undefined): Promise<SpooledFile | undefined> {
  if (file === undefined) return undefined;
  let fd = 0;
  try {
    if (file !== "-") fd = openSync(file, "r");
    if (fstatSync(fd).isDirectory()) throw new Error("it is a folder");
    const source = createReadStream("", { fd, autoClose: false });
    return await spool(source, STDIN_BYTES_MAX, `it has more than ${STDIN_BYTES_MAX} bytes`);
  } catch (cause) {
    const reason = cause instanceof Error && !("code" in cause) ? cause.message : reasonOf(cause);
    throw new ZvmError("ZVM_FILE", `Cannot read ${shownFile(file)}: ${reason}`, { cause });
  } finally {
    if (fd > 0) closeSync(fd);
  }
}
