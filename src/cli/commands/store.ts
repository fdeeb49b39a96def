import { ZvmError } from "../../base/index.ts";
import { type CheckFinding, checkStore } from "../../zerocloud/store/index.ts";
import { type Command, JSON_OPTION, print } from "../command.ts";
import type { ParsedOptions } from "../options.ts";
import { counted } from "../show-findings.ts";

/** `zerovm store check`. */
export const STORE: Command = {
  name: "store",
  usage: ["check --data DIR [--json]"],
  description:
    "Checks an object store that no process has open: every record, the bytes of every object by\n" +
    "both digests, every count and index. It changes nothing, and names what is damaged.",
  options: [
    { name: "data", value: "DIR", isPath: true, help: "The data folder of the store" },
    JSON_OPTION,
  ],
  words: ["check"],
  examples: [{ line: "zerovm store check --data /srv/zerocloud", does: "all that is damaged" }],
  notes:
    "Exit status: 0 where all is as it was stored, 1 with findings, 125 where the store cannot be\n" +
    "opened, because another process has it open or its database is damaged.",
  run: async (parsed) => storeCommand(parsed),
};

const FINDINGS_STATUS = 1;

async function storeCommand(parsed: ParsedOptions): Promise<number> {
  const [verb, ...more] = parsed.operands;
  const folder = parsed.last("data");
  if (verb !== "check" || more.length > 0) {
    throw new ZvmError("ZVM_USAGE", "zerovm store: say check; see 'zerovm store --help'");
  }
  if (folder === undefined) {
    throw new ZvmError("ZVM_USAGE", "zerovm store check: name the data folder with --data DIR");
  }
  const findings: CheckFinding[] = [];
  let count = 0;
  const isJson = parsed.has("json");
  const tally = await checkStore(folder, (finding) => {
    if (isJson) findings.push(finding);
    else print(`${finding.path}: ${finding.problem}`);
    count += 1;
  });
  if (isJson) print(JSON.stringify({ ...tally, findings }, null, 2));
  else {
    const { accounts, containers, objects, sizeBytes, leftovers } = tally;
    const counts = [
      counted(accounts, "account"),
      counted(containers, "container"),
      counted(objects, "object"),
      counted(sizeBytes, "byte"),
    ];
    print(counts.join(", "));
    if (leftovers > 0) print(`${leftovers} files that a crash left; the next start removes them`);
    print(count === 0 ? "Nothing is damaged." : `${counted(count, "finding")}.`);
  }
  return count === 0 ? 0 : FINDINGS_STATUS;
}
