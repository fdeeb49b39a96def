import { isObject, printable, ZvmError } from "../../base/index.ts";
import type { JobStatus } from "../../zerocloud/client/index.ts";
import { CLOUD_NOTES, CLOUD_OPTIONS, withCloud } from "../cloud.ts";
import { type Command, JSON_OPTION, print } from "../command.ts";
import { failureWords } from "../failure-words.ts";
import { endingOf, exitWord } from "../job-ending.ts";
import type { ParsedOptions } from "../options.ts";

/** `zerovm logs`. */
export const LOGS: Command = {
  name: "logs",
  usage: ["[--json] ID"],
  description:
    "Shows what became of a job that the server knows: its state, and of each instance the status,\n" +
    "the error, and the last of what it wrote to its standard error. Errors that a job stores as\n" +
    "objects are read with zerovm cat.",
  options: [...CLOUD_OPTIONS, JSON_OPTION],
  examples: [{ line: "zerovm logs tx0123", does: "the errors of a job" }],
  notes: CLOUD_NOTES,
  run: async (parsed) => {
    const [id, ...more] = parsed.operands;
    if (id === undefined || id === "" || more.length > 0) {
      throw new ZvmError("ZVM_USAGE", "zerovm logs: name the ID of one job; zerovm ps lists them");
    }
    return await withCloud(parsed, "nothing was changed", async ({ client, signal }) => {
      return show(await client.job(id, { signal }), parsed);
    });
  },
};

function show({ id, state, details }: JobStatus, parsed: ParsedOptions): number {
  if (parsed.has("json")) {
    print(JSON.stringify(details, null, 2));
    return 0;
  }
  const { result } = details;
  const ending = endingOf(details);
  print(`${printable(id)}: ${printable(state)}${ending === undefined ? "" : `, ${ending}`}`);
  if (typeof result === "string") print(`result: ${printable(result)}`);
  if (typeof details["error"] === "string") print(`error: ${printable(details["error"])}`);
  const report = isObject(details["report"]) ? details["report"] : details;
  const instances = Array.isArray(report["instances"]) ? report["instances"].filter(isObject) : [];
  for (const { name, state: step, statusText, exitCode, error, errorTail } of instances) {
    const label = printable(typeof name === "string" ? name : "");
    const status = statusText === "ok." ? (exitWord(exitCode) ?? statusText) : statusText;
    // While it runs there is no status yet.
    for (const said of [status ?? step, error]) {
      if (typeof said !== "string" || said === "") continue;
      print(`${label}: ${printable(failureWords(said))}`);
    }
    if (typeof errorTail !== "string") continue;
    for (const line of errorTail.replace(/\n$/, "").split("\n"))
      print(`${label}| ${printable(line)}`);
  }
  return 0;
}
