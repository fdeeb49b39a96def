import { printable } from "../../base/index.ts";
import type { Device, Group, Job, JobFinding, JobPlace, JobUrl } from "../job/index.ts";
import { PlanReport } from "./report.ts";
import type { PlanSettings } from "./settings.ts";
import { useOf } from "./use.ts";

/** Judges a job by what its server has and allows, as far as that goes without storage. */
export function judgeJob(job: Job, settings: PlanSettings): readonly JobFinding[] {
  const report = new PlanReport();
  for (const group of job.groups) {
    judgeProgram(group, settings, report);
    judgeAttach(group, settings, report);
    judgeNames(group, report);
    judgeChannelNames(group, report);
    if (!settings.isMultipart) judgeResponses(group, report);
    for (const device of group.devices) judgeDevice(device, group, settings, report);
  }
  return report.findings;
}

function judgeProgram(group: Group, settings: PlanSettings, report: PlanReport): void {
  const { program, place } = group.exec;
  judgeAccount(program, place, settings, report);
  if (program.scheme !== "file" || hasImage(program.image, group, settings)) return;
  const what =
    program.image === "image"
      ? "is in the image of the job, and none came with it"
      : `is in the image ${program.image}, which is not there`;
  const offered = settings.systemImages ?? [];
  const hint = offered.length === 0 ? "there are no system images" : `there are ${named(offered)}`;
  report.add("exec-not-found", place, { url: program.text, what }, { hint });
}

/** The first of many. */
function named(names: readonly string[]): string {
  const more = names.length > NAMES_SHOWN ? ", …" : "";
  return printable(names.slice(0, NAMES_SHOWN).join(", ")) + more;
}

const NAMES_SHOWN = 10;

function judgeAccount(
  url: JobUrl,
  place: JobPlace,
  { accounts }: PlanSettings,
  report: PlanReport,
): void {
  if (url.scheme !== "swift" || (accounts?.includes(url.account) ?? true)) return;
  report.add("account-missing", place, { account: url.account, url: url.text });
}

/** An image can be a device of the group, the one that came with the job, or a system image. */
function hasImage(image: string, group: Group, settings: PlanSettings): boolean {
  const { systemImages, hasPostedImage = true } = settings;
  if (image === "image") {
    return hasPostedImage || group.devices.some(({ name }) => name === "image");
  }
  return systemImages?.includes(image) ?? true;
}

function judgeAttach(group: Group, settings: PlanSettings, report: PlanReport): void {
  const { attach, devices, name: node } = group;
  if (attach === undefined || devices.some(({ name }) => name === attach)) return;
  if (attach === "image" && (settings.hasPostedImage ?? true)) return;
  const words = { key: "attach", value: JSON.stringify(attach), node };
  report.add("group-setting", group.place, words, { expected: "a device of the group" });
}

function judgeNames(group: Group, report: PlanReport): void {
  const seen = new Set<string>();
  for (const { name, place } of group.devices) {
    if (seen.has(name)) report.add("device-twice", place, { device: name, node: group.name });
    seen.add(name);
  }
}

const IDLE_HINT =
  "jobs know no device of this name; with a path it is no system image either, which has none";

/** Names of nodes and devices at the ends of connections become names of channels. */
function judgeChannelNames(group: Group, report: PlanReport): void {
  const judge = (name: string, channel: string, place: JobPlace): void => {
    const what = CHANNEL_FAULTS.find(([sign]) => sign.test(channel))?.[1];
    if (what !== undefined) report.add("channel-name", place, { name, channel, what });
  };
  for (const { name, place } of group.connect) judge(name, `/dev/out/${name}`, place);
  if (group.connect.length > 0) judge(group.name, `/dev/in/${group.name}`, group.place);
  for (const { name, url, place, pathPlace } of group.devices) {
    if (url?.scheme !== "zvm") continue;
    judge(name, `/dev/${name}`, place);
    judge(url.device, `/dev/${url.device}`, pathPlace);
  }
}

/** What an nvram text, which configures the guest, cannot hold in the name of a channel. */
const CHANNEL_FAULTS = [
  [/,/, "a comma"],
  [/#/, "a #"],
  [/ $/, "a blank at the end"],
] as const;

function judgeResponses(group: Group, report: PlanReport): void {
  const responses = group.devices.filter((device) => useOf(device).kind === "response");
  for (const { name, place } of responses.slice(1)) {
    report.add("immediate-twice", place, { device: name, node: group.name });
  }
}

function judgeDevice(
  device: Device,
  group: Group,
  settings: PlanSettings,
  report: PlanReport,
): void {
  const { name, url, place, pathPlace } = device;
  const { kind } = useOf(device);
  const unresolved = () => report.add("channel-path", pathPlace, { url: "", device: name });
  if (kind === "idle") {
    const hint = name === "db" ? "db does nothing in any job" : IDLE_HINT;
    report.add("device-idle", place, { device: name, node: group.name }, { hint });
  }
  if (kind === "posted-image" && settings.hasPostedImage === false) unresolved();
  if (kind === "system-image" && settings.systemImages?.includes(name) === false) unresolved();
  if (kind === "input" && name === "image" && settings.hasPostedImage === true) {
    report.add("device-twice", place, { device: name, node: group.name });
  }
  if (url !== undefined) judgeAccount(url, pathPlace, settings, report);
  if (url?.scheme === "tcp" || url?.scheme === "udp") {
    const isAllowed = settings.debugTargets?.includes(`${url.host}:${url.port}`) ?? true;
    if (!isAllowed) report.add("debug-off", pathPlace, { url: url.text, node: group.name });
  }
}
