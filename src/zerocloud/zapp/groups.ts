import { byteStringOfText, textOf } from "../../base/index.ts";
import { escapeArgument } from "../../zrt/nvram/index.ts";
import {
  GROUP_KEYS,
  type JobFinding,
  orderFindings,
  parseJob,
  STANDARD_JOB_LIMITS,
} from "../job/index.ts";
import { judgeJob, STANDARD_PLAN_SETTINGS } from "../plan/index.ts";
import { shellWords } from "./shell-words.ts";
import { asciiJson, type Spot, shown, type YamlReader } from "./yaml-reader.ts";

/** Keys of a group that become parts of `exec`. */
const EXEC_PARTS = ["path", "args", "env"] as const;
const GROUP_NAMES = Object.keys(GROUP_KEYS).filter((name) => name !== "exec");

/** Makes the text of the job of `execution.groups`; what is wrong with it is told to the reader. */
export function readGroups(reader: YamlReader, groups: Spot): string {
  const read = (reader.list(groups) ?? []).map((spot) => readGroup(reader, spot));
  const text = `[${read.map(({ json }) => json).join(",\n ")}]\n`;
  // With errors of its own the text is not the one that was meant.
  if (reader.findings.some(({ severity }) => severity === "error")) return text;
  for (const finding of findingsOf(text)) reportFinding(reader, finding, groups, read);
  return text;
}

/** Nobody knows the server here; the bundle is the image that comes with the job. */
function findingsOf(text: string): readonly JobFinding[] {
  const { job, findings } = parseJob(text);
  if (job === undefined) return findings;
  const { isMultipart, hasOpenWildcards, limits } = STANDARD_PLAN_SETTINGS;
  const judged = judgeJob(job, { account: "~", isMultipart, hasOpenWildcards, limits });
  return orderFindings([...findings, ...judged], STANDARD_JOB_LIMITS["job-findings"]);
}

interface ReadGroup {
  readonly json: string;
  readonly spot: Spot;
  readonly keys: ReadonlyMap<string, Spot>;
}

function readGroup(reader: YamlReader, spot: Spot): ReadGroup {
  const keys = reader.map(spot) ?? new Map<string, Spot>();
  const exec = keys.get("exec");
  if (exec !== undefined) {
    reader.refuse(
      exec,
      `${shown(exec.key)} is not written here`,
      "path, args and env in the group",
    );
  }
  reader.warnUnknown(keys, [...GROUP_NAMES, ...EXEC_PARTS, "exec"]);
  const parts: string[] = [];
  let isExecWritten = false;
  for (const [name, value] of keys) {
    const isPart = EXEC_PARTS.some((part) => part === name);
    if (isPart && !isExecWritten) parts.push(`"exec":${readExec(reader, keys)}`);
    if (isPart) isExecWritten = true;
    else if (GROUP_NAMES.includes(name)) parts.push(`${asciiJson(name)}:${reader.json(value)}`);
  }
  return { json: `{${parts.join()}}`, spot, keys };
}

function readExec(reader: YamlReader, keys: ReadonlyMap<string, Spot>): string {
  const [path, args, env] = EXEC_PARTS.map((name) => keys.get(name));
  const parts: string[] = [];
  const url = path === undefined ? undefined : reader.text(path);
  if (url !== undefined) parts.push(`"path":${asciiJson(url)}`);
  const name = url === undefined ? undefined : programName(url);
  if (name !== undefined) parts.push(`"name":${asciiJson(name)}`);
  if (args !== undefined) parts.push(`"args":${asciiJson(readArguments(reader, args))}`);
  if (env !== undefined) parts.push(`"env":${reader.json(env)}`);
  return `{${parts.join()}}`;
}

/** `argv[0]`: the file in its image, or the object. */
function programName(url: string): string | undefined {
  if (url.startsWith("file://")) return url.slice("file://".length).replace(/^[^:]*:/, "");
  return /^swift:\/\/[^/]+\/[^/]+\/(.+)$/s.exec(url)?.[1];
}

/** Words of a shell, as the guest takes them: split at blanks, with `\xHH` for what would split. */
function readArguments(reader: YamlReader, spot: Spot): string {
  const line = reader.text(spot);
  if (line === undefined) return "";
  const split = shellWords(line);
  if ("words" in split) {
    return split.words.map((word) => textOf(escapeArgument(byteStringOfText(word)))).join(" ");
  }
  reader.refuse(spot, `${shown(spot.key)} has an open ${split.open}`, "words as a shell has them");
  return "";
}

/** A finding about the job, where its part stands in the YAML. */
function reportFinding(
  reader: YamlReader,
  { message, severity, path, expected, hint }: JobFinding,
  groups: Spot,
  read: readonly ReadGroup[],
): void {
  const spot = spotOf(reader, path, groups, read);
  const said = message.replace(/ \([^()]*\)$/, "");
  const where = spot.key === "" ? "" : `${shown(spot.key)}: `;
  const advice = {
    ...(expected !== undefined && { expected }),
    ...(hint !== undefined && { hint }),
  };
  reader.add({ severity, message: where + said, ...advice }, spot);
}

function spotOf(
  reader: YamlReader,
  pointer: string,
  groups: Spot,
  read: readonly ReadGroup[],
): Spot {
  const steps = pointer.split("/").slice(1);
  const names = steps.map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"));
  const [index, ...rest] = names;
  const group = index === undefined ? undefined : read[Number(index)];
  if (group === undefined) return groups;
  const inGroup = rest[0] === "exec" ? rest.slice(1) : rest;
  let spot = group.keys.get(inGroup[0] ?? "") ?? group.spot;
  // The name of a program is made of its path.
  if (rest[0] === "exec" && rest[1] === "name") return group.keys.get("path") ?? group.spot;
  for (const name of inGroup.slice(1)) spot = childOf(reader, spot, name) ?? spot;
  return spot;
}

function childOf(reader: YamlReader, spot: Spot, name: string): Spot | undefined {
  const count = reader.findings.length;
  const found = /^\d+$/.test(name)
    ? reader.list(spot)?.[Number(name)]
    : reader.map(spot)?.get(name);
  // What is asked for only to find a place is no finding.
  reader.findings.length = count;
  return found;
}
