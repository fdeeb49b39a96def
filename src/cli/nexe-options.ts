import { NEXE_POLICIES, type RunOptions } from "../zerovm/index.ts";
import type { OptionSpec, ParsedOptions } from "./options.ts";

export const POLICY_OPTION: OptionSpec = {
  name: "policy",
  value: "zerovm|nacl",
  choices: NEXE_POLICIES,
  help: "Judge a nexe by ZeroVM's rules (default), or Native Client's, with its system calls",
};

/** How a Native Client program is judged and translated. */
export const NEXE_OPTIONS: readonly OptionSpec[] = [
  POLICY_OPTION,
  {
    name: "strict-memory",
    help: "Check the stores of a nexe: only data, heap and stack are written",
  },
];

/** What a command line says of Native Client programs. */
export function nexeRulesOf(parsed: ParsedOptions): Pick<RunOptions, "policy" | "strictMemory"> {
  const policy = NEXE_POLICIES.find((it) => it === parsed.last("policy"));
  return {
    ...(policy !== undefined && { policy }),
    ...(parsed.has("strict-memory") && { strictMemory: true }),
  };
}
