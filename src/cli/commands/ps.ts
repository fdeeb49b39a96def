import { printable, ZvmError } from "../../base/index.ts";
import type { JobStatus } from "../../zerocloud/client/index.ts";
import { CLOUD_NOTES, CLOUD_OPTIONS, type CloudWork, withCloud } from "../cloud.ts";
import { type Command, complain, JSON_OPTION, print } from "../command.ts";
import { endingOf } from "../job-ending.ts";
import type { ParsedOptions } from "../options.ts";
import { columns } from "../show-nodes.ts";

/** `zerovm ps`. */
export const PS: Command = {
  name: "ps",
  usage: ["[--json]", "--cancel ID"],
  description:
    "Lists the jobs of the account that the server knows, with their states; or ends one.",
  options: [{ name: "cancel", value: "ID", help: "End this job" }, ...CLOUD_OPTIONS, JSON_OPTION],
  examples: [
    { line: "zerovm ps", does: "the jobs and their states" },
    { line: "zerovm ps --cancel 0123", does: "end one" },
  ],
  notes: `${CLOUD_NOTES}\nExit status: 1 where the job that is to be cancelled has ended.`,
  run: async (parsed) => {
    if (parsed.operands.length > 0) throw new ZvmError("ZVM_USAGE", "zerovm ps takes options only");
    return await withCloud(parsed, "nothing was changed", async ({ client, signal }) => {
      const id = parsed.last("cancel");
      if (id === undefined) return show(await client.jobs({ signal }), parsed);
      if (id === "") {
        throw new ZvmError(
          "ZVM_USAGE",
          "zerovm ps: --cancel takes the ID of a job, and it is empty",
        );
      }
      return await cancel({ client, signal }, await client.job(id, { signal }), parsed);
    });
  },
};

const ENDED_STATUS = 1;

/** What has ended cannot be cancelled any more; the server keeps what it knows of it. */
async function cancel(
  { client, signal }: CloudWork,
  { id, state, details }: JobStatus,
  parsed: ParsedOptions,
): Promise<number> {
  const hasEnded = state === "ended";
  if (!hasEnded) await client.cancelJob(id, { signal });
  const ending = endingOf(details) ?? "ended";
  if (parsed.has("json")) {
    const { outcome = "ended", exitCode } = details;
    const told = hasEnded ? { ended: id, outcome, exitCode } : { cancelled: id };
    print(JSON.stringify(told, null, 2));
  } else if (hasEnded) complain(`zerovm: ${printable(id)} had ended already: ${ending}`);
  else print(`cancelled ${printable(id)}`);
  return hasEnded ? ENDED_STATUS : 0;
}

function show(jobs: readonly JobStatus[], parsed: ParsedOptions): number {
  if (parsed.has("json")) {
    print(
      JSON.stringify(
        jobs.map(({ details }) => details),
        null,
        2,
      ),
    );
    return 0;
  }
  const rows = jobs.map(({ id, state, details }) => {
    const { instances, created } = details;
    const known = [instances, created].map((one) => {
      return typeof one === "string" || typeof one === "number" ? printable(String(one)) : "";
    });
    return [printable(id), printable(state), endingOf(details) ?? "", ...known, secondsOf(details)];
  });
  const titles = ["ID", "STATE", "OUTCOME", "INSTANCES", "CREATED", "SECONDS"];
  for (const line of columns([titles, ...rows])) print(line);
  return 0;
}

/** From the start of its first session to its end. */
function secondsOf({ started, ended }: JobStatus["details"]): string {
  const [from, to] = [started, ended].map((time) => Date.parse(String(time)));
  return from === undefined || to === undefined || Number.isNaN(to - from)
    ? ""
    : ((to - from) / 1000).toFixed(2);
}
