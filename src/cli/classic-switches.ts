/** The original's command line: a manifest and switches, in any order. */
export interface ClassicSwitches {
  readonly manifest: string;
  /** `-s`: the first line of the report says that the validator did not run. */
  readonly skipValidation: boolean;
  /** `-F`: judge everything, start nothing. */
  readonly stopBeforeStart: boolean;
  /** `-P`: do not extend written files first. */
  readonly noPreallocation: boolean;
  /** `-Q`: no test of the platform; there is none to leave out. */
  readonly noQualification: boolean;
  /** `-t`: where the report goes. */
  readonly reportMode: number;
  /** `-v`. */
  readonly verbosity: number;
  /** `-T`: a file for the trace. */
  readonly traceFile: string | undefined;
}

/** What is wrong with a command line: show the help, or report a value like a manifest's. */
export type SwitchProblem =
  | { readonly kind: "usage"; readonly line?: string }
  | { readonly kind: "value"; readonly state: string };

interface Draft {
  manifest: string | undefined;
  readonly flags: Set<string>;
  readonly values: Map<string, string>;
}

const FLAGS = "sFPQ";
const WITH_VALUE = "tvTM";

export function parseSwitches(argv: readonly string[]): ClassicSwitches | SwitchProblem {
  const draft: Draft = { manifest: undefined, flags: new Set(), values: new Map() };
  const words = [...argv];
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    const problem = word.startsWith("-") ? bundle(word, words, draft) : operand(word, draft);
    if (problem !== undefined) return problem;
  }
  return finish(draft);
}

function operand(word: string, draft: Draft): SwitchProblem | undefined {
  if (draft.manifest !== undefined) return { kind: "usage", line: "2nd manifest encountered" };
  draft.manifest = word;
  return undefined;
}

function bundle(word: string, words: string[], draft: Draft): SwitchProblem | undefined {
  for (let at = 1; at < word.length; at++) {
    const letter = word.charAt(at);
    if (FLAGS.includes(letter)) {
      draft.flags.add(letter);
      continue;
    }
    if (!WITH_VALUE.includes(letter)) return { kind: "usage" };
    const value = at + 1 < word.length ? word.slice(at + 1) : words.shift();
    if (value === undefined) return { kind: "usage" };
    if (letter === "M") return operand(value, draft);
    draft.values.set(letter, value);
    return undefined;
  }
  return word.length > 1 ? undefined : { kind: "usage" };
}

function finish({ manifest, flags, values }: Draft): ClassicSwitches | SwitchProblem {
  for (const letter of ["t", "v"]) {
    const text = values.get(letter) ?? "0";
    if (!/^\d+$/.test(text)) {
      return { kind: "value", state: `MANIFEST 0: invalid numeric value '${text}'` };
    }
  }
  const traceFile = values.get("T");
  if (traceFile !== undefined && !traceFile.startsWith("/")) {
    return { kind: "value", state: `ztrace path should be absolute: ${traceFile}` };
  }
  if (manifest === undefined) return { kind: "usage" };
  return {
    manifest,
    skipValidation: flags.has("s"),
    stopBeforeStart: flags.has("F"),
    noPreallocation: flags.has("P"),
    noQualification: flags.has("Q"),
    reportMode: Number(values.get("t") ?? "0"),
    verbosity: Number(values.get("v") ?? "1"),
    traceFile,
  };
}
