import { closeSync, openSync, readSync } from "node:fs";
import { printable, ZvmError } from "../../base/index.ts";
import {
  type ExecuteRequest,
  type Execution,
  type JobKind,
  type NodeResult,
  parseAddress,
  type SwiftClient,
} from "../../zerocloud/client/index.ts";
import { reasonOf } from "../../zerovm/index.ts";
import { CLOUD_NOTES, CLOUD_OPTIONS, type CloudWork, shownAddress, withCloud } from "../cloud.ts";
import { ownAddress } from "../cloud-address.ts";
import { type Command, complain, JSON_OPTION, print } from "../command.ts";
import { failureWords } from "../failure-words.ts";
import { fileSource } from "../file-source.ts";
import type { ParsedOptions } from "../options.ts";
import { pour } from "../pour.ts";
import { withoutFindings } from "../refused-job.ts";
import { nodeTable } from "../show-nodes.ts";

const DEFERRALS = ["always", "auto"] as const;

/** `zerovm execute`. */
export const EXECUTE: Command = {
  name: "execute",
  usage: [
    "[--summary] [--deferred always|auto] [--on CONTAINER[/OBJECT]] FILE",
    "[…] --container CONTAINER[/PREFIX]",
    "[…] [--stdin FILE] swift://ACCOUNT/CONTAINER/OBJECT",
  ],
  description:
    "Has a server run FILE: a job as JSON, a bundle or another tar with a job in it, or a script that\n" +
    "begins with #!; or the bundle that zerovm deploy put into a container; or what is stored at a\n" +
    "URL, with data for its standard input. Prints what the programs print, and ends with the exit\n" +
    "status of the first that is not 0.",
  options: [
    { name: "container", value: "CONTAINER", help: "Run what is deployed there" },
    { name: "stdin", value: "FILE", isPath: true, help: "Data for a stored bundle" },
    { name: "on", value: "CONTAINER[/OBJECT]", help: "What a script reads; where results go" },
    { name: "deferred", value: "WHEN", choices: DEFERRALS, help: "Answer before the job is done" },
    { name: "report", help: "Print the report of all instances instead of what they print" },
    { name: "summary", short: "s", help: "What became of each node, on standard error" },
    ...CLOUD_OPTIONS,
    JSON_OPTION,
  ],
  examples: [
    { line: "zerovm execute job.json", does: "run a job over stored objects" },
    { line: "zerovm execute -s hello.zapp", does: "run a bundle, and show its nodes" },
    { line: "zerovm execute --container apps", does: "run what was deployed to apps" },
  ],
  notes: `${CLOUD_NOTES}\nExit status: that of the programs; 125 where the job was refused or failed.`,
  run: async (parsed) => {
    const undone = "the server ends what nobody waits for";
    return await withCloud(parsed, undone, (cloud) => executeCommand(cloud, parsed));
  },
};

async function executeCommand(cloud: CloudWork, parsed: ParsedOptions): Promise<number> {
  const { client, signal } = cloud;
  const on = parsed.last("on");
  const target = on === undefined ? undefined : await ownAddress(client, on);
  const deferred = DEFERRALS.find((word) => word === parsed.last("deferred"));
  const what = await whatToRun(client, parsed);
  if (what.kind === "script" && target?.object === "" && deferred === undefined) {
    const advice = `name the object that the script reads: --on ${shownAddress(target.container, "OBJECT")}`;
    throw new ZvmError("ZVM_USAGE", `zerovm execute: ${advice}`);
  }
  const request = {
    ...what,
    ...(target !== undefined && { target }),
    ...(deferred !== undefined && { deferred }),
    ...(parsed.has("report") && { report: true }),
    signal,
  };
  const execution = await client.execute(request).catch((error: unknown) => {
    throw withoutFindings(error, what.kind === "job" ? parsed.operands[0] : undefined);
  });
  return await show(execution, parsed);
}

type What = Pick<ExecuteRequest, "kind"> & ExecuteRequest;

async function whatToRun(client: SwiftClient, parsed: ParsedOptions): Promise<What> {
  const container = parsed.last("container");
  const [file, ...more] = parsed.operands;
  if ((file === undefined) === (container === undefined) || more.length > 0) {
    throw new ZvmError("ZVM_USAGE", "zerovm execute: name one FILE, or --container CONTAINER");
  }
  if (container !== undefined) return await deployed(client, container);
  const name = file ?? "";
  const data = parsed.last("stdin");
  if (name.startsWith("swift://")) {
    const { account, container: place, object } = parseAddress(name);
    const source = `swift://${account}/${place}/${object}`;
    return { kind: "stored", source, ...(data !== undefined && { body: payloadOf(data) }) };
  }
  if (data === undefined) return { kind: kindOf(name), body: payloadOf(name) };
  throw new ZvmError("ZVM_USAGE", "zerovm execute: --stdin goes with a stored bundle, swift://…");
}

/** The job that `zerovm deploy` stored beside the bundle. */
async function deployed(client: SwiftClient, text: string): Promise<What> {
  const { container, object } = await ownAddress(client, text);
  const prefix = object.replace(/\/+$/, "");
  const name = prefix === "" ? "boot/system.map" : `${prefix}/boot/system.map`;
  const pieces: Uint8Array[] = [];
  const download = await client.get(container, name, { sizeBytes: JOB_BYTES_MAX });
  for await (const piece of download.read()) pieces.push(piece);
  return { kind: "job", body: Buffer.concat(pieces) };
}

const JOB_BYTES_MAX = 2 ** 24;

function payloadOf(path: string) {
  const source = fileSource(path);
  return { sizeBytes: source.sizeBytes, read: () => source.read(0, source.sizeBytes) };
}

const HEAD_BYTES = 512;
const TAR_MAGIC_AT = 257;

/** By what the file begins with, whatever it is called. */
function kindOf(path: string): JobKind {
  const head = Buffer.alloc(HEAD_BYTES);
  try {
    const fd = openSync(path, "r");
    try {
      readSync(fd, head, 0, HEAD_BYTES, 0);
    } finally {
      closeSync(fd);
    }
  } catch (cause) {
    const message = `Cannot read ${printable(path)}: ${reasonOf(cause)}`;
    throw new ZvmError("ZVM_FILE", message, { cause });
  }
  if (head[0] === 0x1f && head[1] === 0x8b) return "tar.gz";
  if (head.subarray(TAR_MAGIC_AT).toString("latin1").startsWith("ustar")) return "tar";
  if (head.toString("latin1").startsWith("#!")) return "script";
  if (head.toString("latin1").trimStart().startsWith("[")) return "job";
  const what = "neither a job (a JSON array), nor a tar, nor a script with #!";
  throw new ZvmError("ZVM_USAGE", `${printable(path)} is ${what}`);
}

async function show(execution: Execution, parsed: ParsedOptions): Promise<number> {
  const { resultUrl, jobId } = execution;
  if (parsed.has("json")) {
    const { body, ...told } = execution;
    const pieces: Uint8Array[] = [];
    for await (const piece of body()) pieces.push(piece);
    print(JSON.stringify({ ...told, body: Buffer.concat(pieces).toString() }, null, 2));
  } else if (resultUrl === undefined) await pour(execution.body());
  else {
    print(printable(resultUrl));
    if (jobId !== undefined)
      complain(`zerovm: the job is ${printable(jobId)}: zerovm logs shows it`);
  }
  const exitStatus = tellFailures(execution, parsed);
  if (exitStatus !== 0 && jobId !== undefined && !parsed.has("json")) {
    complain(`zerovm: zerovm logs ${printable(jobId)} shows more`);
  }
  return exitStatus;
}

/** @returns the exit status */
function tellFailures(execution: Execution, parsed: ParsedOptions): number {
  const { nodes, status } = execution;
  if (parsed.has("summary") && nodes.length > 0) complain(nodeTable(execution));
  for (const node of nodes.filter(isBad)) {
    const what = failureWords(node.error ?? node.status ?? "");
    complain(`zerovm: ${printable(node.name)}: ${printable(what)}`);
  }
  const failed = nodes.find(({ exitCode }) => exitCode !== undefined && exitCode !== 0);
  if (nodes.some(isBad)) return FAILED_STATUS;
  if (failed?.exitCode !== undefined) return failed.exitCode & 0xff || 1;
  if (status >= 400) complain(`zerovm: the programs answered with ${status}`);
  return status >= 400 ? 1 : 0;
}

const FAILED_STATUS = 125;

function isBad({ status, error }: NodeResult): boolean {
  return error !== undefined || (status !== undefined && status !== "ok.");
}
