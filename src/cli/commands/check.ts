import { basename } from "node:path";
import { type Diagnostic, ZvmError } from "../../base/index.ts";
import { recognise } from "../../wasm/index.ts";
import { checkText } from "../../zerocloud/index.ts";
import { parseZapp, ZAPP_FILE } from "../../zerocloud/zapp/index.ts";
import {
  checkKey,
  checkWrites,
  inspect,
  parseManifest,
  type TextKind,
} from "../../zerovm/index.ts";
import { type Command, JSON_OPTION, print, shownFile } from "../command.ts";
import { nexeRulesOf, POLICY_OPTION } from "../nexe-options.ts";
import type { ParsedOptions } from "../options.ts";
import { readNamedText } from "../read-text.ts";
import { counted, FOUND_STATUS, showFindings } from "../show-findings.ts";

const TEXT_KINDS = ["manifest", "nvram", "job"] as const satisfies readonly TextKind[];
const KINDS = [...TEXT_KINDS, "zapp", "nexe"] as const;
type Kind = (typeof KINDS)[number];

/** `zerovm check`: every finding of a file, without running anything. */
export const CHECK: Command = {
  name: "check",
  usage: ["[--kind manifest|nvram|job|zapp|nexe] [--policy zerovm|nacl] [--json] FILE…"],
  description:
    "Checks manifest, nvram, job and zapp.yaml files and shows every finding with line and column;\n" +
    "of a nexe, what is wrong with the file or its code, and what cannot be translated. A JSON array\n" +
    "is taken for a job; a file with a [section] line for nvram; a file called zapp.yaml for an\n" +
    "application; an ELF file, a frozen Native Client program or a name that ends in .nexe for a nexe;\n" +
    "all else for a manifest.",
  options: [
    {
      name: "kind",
      value: "manifest|nvram|job|zapp|nexe",
      choices: KINDS,
      help: "What the files are",
    },
    POLICY_OPTION,
    JSON_OPTION,
  ],
  examples: [
    { line: "zerovm check job.manifest", does: "show all findings of a manifest" },
    { line: "zerovm check job.json", does: "show all findings of a job of ZeroCloud" },
    { line: "zerovm check zapp.yaml", does: "show all findings of an application" },
    { line: "zerovm check tool.nexe", does: "say all that keeps a program from running" },
    { line: "zerovm check --kind nvram nvram.txt", does: "check the configuration of a guest" },
  ],
  notes: "Exit status: 0 no errors, 1 errors found, 125 a file cannot be read.",
  run: async (parsed) => await check(parsed),
};

interface Checked {
  readonly file: string;
  readonly kind: string;
  readonly diagnostics: readonly Diagnostic[];
}

async function check(parsed: ParsedOptions): Promise<number> {
  const kind = KINDS.find((candidate) => candidate === parsed.last("kind"));
  if (parsed.operands.length === 0) {
    throw new ZvmError("ZVM_USAGE", "zerovm check: name at least one FILE");
  }
  const checked: Checked[] = [];
  for (const file of parsed.operands) checked.push(await checkFile(file, kind, parsed));
  if (parsed.has("json")) print(JSON.stringify(checked, null, 2));
  else for (const one of checked) show(one);
  const isClean = checked.every(({ diagnostics }) =>
    diagnostics.every((found) => found.severity === "warning"),
  );
  return isClean ? 0 : FOUND_STATUS;
}

async function checkFile(
  file: string,
  wanted: Kind | undefined,
  parsed: ParsedOptions,
): Promise<Checked> {
  const text = readNamedText(file);
  const asked = wanted ?? kindByName(file) ?? (looksLikeNexe(file, text) ? "nexe" : undefined);
  if (asked === "nexe") return await checkNexe(file, parsed);
  if (asked === "zapp") return { file, kind: asked, diagnostics: parseZapp(text).findings };
  const { kind, diagnostics } = checkText(text, asked);
  const { manifest } = kind === "manifest" ? parseManifest(text) : {};
  if (manifest === undefined) return { file, kind, diagnostics };
  const own = file === "-" ? [] : [{ role: "the manifest", path: file }];
  return { file, kind, diagnostics: [...ofHost(manifest, own), ...diagnostics] };
}

/** What only the files of this host can say. */
function ofHost(
  manifest: Parameters<typeof checkWrites>[0],
  needed: Parameters<typeof checkWrites>[1],
): Diagnostic[] {
  return [...checkWrites(manifest, needed), ...checkKey(manifest)];
}

function kindByName(file: string): Kind | undefined {
  return basename(file) === ZAPP_FILE ? "zapp" : undefined;
}

/** From standard input only texts are taken. */
function looksLikeNexe(file: string, bytes: Uint8Array): boolean {
  if (file === "-") return false;
  const { kind } = recognise(bytes);
  return file.endsWith(".nexe") || kind === "elf" || kind === "frozen";
}

async function checkNexe(file: string, parsed: ParsedOptions): Promise<Checked> {
  const { policy } = nexeRulesOf(parsed);
  // A name without a slash could be that of a runtime.
  const path = file.includes("/") ? file : `./${file}`;
  const { findings } = await inspect(path, policy === undefined ? {} : { policy });
  return { file, kind: "nexe", diagnostics: findings };
}

function show({ file, kind, diagnostics }: Checked): void {
  showFindings(file, diagnostics);
  const errors = diagnostics.filter((found) => found.severity === "error").length;
  const warnings = diagnostics.length - errors;
  print(
    `${shownFile(file)}: ${kind}, ${counted(errors, "error")}, ${counted(warnings, "warning")}`,
  );
}
