import { printable, ZvmError } from "../../base/index.ts";
import { findProject, packProject } from "../../zerocloud/bundle/index.ts";
import { type Command, complain, JSON_OPTION, print } from "../command.ts";
import type { ParsedOptions } from "../options.ts";
import { ProgressLine } from "../progress.ts";
import { FOUND_STATUS, showFindings } from "../show-findings.ts";

/** `zerovm pack`. */
export const PACK: Command = {
  name: "pack",
  usage: ["[DIR] [-o FILE] [--json]"],
  description:
    "Packs the project of DIR, or of the current folder: compiles the programs of its zapp.yaml\n" +
    "that are older than their sources, checks the job, and writes NAME.zapp, a tar with the job\n" +
    "in front. The same files give the same bytes, whoever packs them and when.",
  options: [
    { name: "output", short: "o", value: "FILE", isPath: true, help: "Write the bundle to FILE" },
    JSON_OPTION,
  ],
  examples: [
    { line: "zerovm pack", does: "the project that this folder belongs to" },
    { line: "zerovm pack greeter -o dist/greeter.zapp", does: "another one, to another place" },
  ],
  notes:
    "Exit status: 0 packed, 1 the zapp.yaml has errors, 125 a file cannot be read or compiled.",
  run: async (parsed) => await pack(parsed),
};

async function pack(parsed: ParsedOptions): Promise<number> {
  const [folder = ".", ...more] = parsed.operands;
  if (more.length > 0) throw new ZvmError("ZVM_USAGE", "zerovm pack: name one DIR");
  const output = parsed.last("output");
  const line = new ProgressLine(`Packing ${printable(folder)}`);
  const packing = await packProject(findProject(folder), {
    ...(output !== undefined && { output }),
    onBuild: (program) => complain(`zerovm: compiling ${printable(program)}`),
    onProgress: (members, total, bytes) => {
      line.update(members, total, `${members} of ${total} members, ${bytes} bytes`);
    },
  }).finally(() => line.end());
  const isJson = parsed.has("json");
  if (!("packed" in packing)) {
    if (isJson) print(JSON.stringify({ findings: packing.findings }, null, 2));
    else showFindings(packing.file, packing.findings);
    return FOUND_STATUS;
  }
  const { path, sizeBytes, members, findings } = packing.packed;
  if (isJson) print(JSON.stringify(packing.packed, null, 2));
  else {
    showFindings("zapp.yaml", findings);
    print(`${printable(path)}: ${members.length} members, ${sizeBytes} bytes`);
  }
  return 0;
}
