import { closeSync, constants, openSync, readSync } from "node:fs";
import { formatDiagnostic, printable, withHintsOnce, ZvmError } from "../../base/index.ts";
import {
  type Inspection,
  inspect,
  listImage,
  type ModuleInspection,
  type NexeInspection,
} from "../../zerovm/index.ts";
import { type Command, complain, JSON_OPTION, print } from "../command.ts";
import type { ParsedOptions } from "../options.ts";
import { imageJson, showImage } from "../show-image.ts";
import { table } from "../table.ts";

/** `zerovm inspect`. */
export const INSPECT: Command = {
  name: "inspect",
  usage: ["[--json] PROGRAM|TAR"],
  description: "Shows what a program imports, exports and uses, or what a tar image holds.",
  options: [JSON_OPTION],
  examples: [
    {
      line: "zerovm inspect tool.wasm",
      does: "imports, memory, features, and whether it would run",
    },
    { line: "zerovm inspect root.tar.gz", does: "what an image holds" },
  ],
  notes: "Exit status: 0; 126 for a program that would be refused; 127 if there is none.",
  run: async (parsed) => inspectCommand(parsed),
};

const REFUSED_STATUS = 126;

async function inspectCommand(parsed: ParsedOptions): Promise<number> {
  const [name] = parsed.operands;
  if (name === undefined || parsed.operands.length > 1) {
    throw new ZvmError("ZVM_USAGE", "zerovm inspect: name one PROGRAM or TAR");
  }
  if (looksLikeImage(name)) {
    const image = await listImage(name);
    if (parsed.has("json")) print(imageJson(image));
    else showImage(name, image);
    return 0;
  }
  const inspection = await inspect(name, {
    runtimes: { onFetch: (message) => complain(`zerovm: ${message}`) },
  });
  if (parsed.has("json")) print(JSON.stringify(inspection, null, 2));
  else showProgram(inspection);
  return inspection.runnable ? 0 : REFUSED_STATUS;
}

const TAR_MAGIC_AT = 257;

/** A tar by its magic, or gzip, which a program never is. */
function looksLikeImage(path: string): boolean {
  const head = Buffer.alloc(512);
  try {
    // A named pipe without a writer would hold us for ever.
    const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    readSync(fd, head, 0, head.length, 0);
    closeSync(fd);
  } catch {
    return false;
  }
  const isGzip = head[0] === 0x1f && head[1] === 0x8b;
  return isGzip || head.toString("latin1", TAR_MAGIC_AT, TAR_MAGIC_AT + 5) === "ustar";
}

function showProgram(inspection: Inspection): void {
  print(`${inspection.path}: ${inspection.description}`);
  print(`  ${inspection.sizeBytes} bytes, sha256 ${inspection.sha256}`);
  if (inspection.module !== undefined) showModule(inspection.module);
  if (inspection.nexe !== undefined) showNexe(inspection.nexe);
  for (const found of withHintsOnce(inspection.findings)) {
    print(formatDiagnostic(inspection.path, found));
  }
  print(inspection.runnable ? "It would run." : "It would be refused.");
}

function showFrozen({
  sourceHash,
  clockNs,
  entropyBytes,
}: NonNullable<ModuleInspection["frozen"]>): void {
  print(`\nFrozen from the program with sha256 ${sourceHash}`);
  print(`  clock ${clockNs} ns on, ${entropyBytes} bytes of entropy used`);
}

function showNexe({ entry, parts, heapStart, frozen }: NexeInspection): void {
  const hex = (value: number): string => `0x${value.toString(16)}`;
  print(`\nA Native Client program that starts at ${hex(entry)}`);
  print(
    table(
      parts.map(({ name, address, sizeBytes }) => [
        `${name} at ${hex(address)}`,
        `${sizeBytes} bytes`,
      ]),
    ),
  );
  print(`Its heap begins at ${hex(heapStart)}`);
  if (frozen !== undefined) showFrozen(frozen);
}

function showModule(module: ModuleInspection): void {
  for (const group of module.imports) {
    print(`\nImports of ${printable(group.module)}`);
    print(
      table(
        group.imports.map(({ name, kind, type, offered }) => [
          printable(name),
          `${kind} ${type ?? ""}${offered ? "" : "  (not offered)"}`,
        ]),
      ),
    );
  }
  print("\nExports");
  print(table(module.exports.map((one) => [printable(one.name), one.kind])));
  for (const { minimum, maximum } of module.memories) {
    print(`\nMemory from ${minimum} to ${maximum ?? "any number of"} pages of 64 KiB`);
  }
  if (module.frozen !== undefined) showFrozen(module.frozen);
  const { functionCount, codeBytes, dataBytes, declaredFeatures, producers } = module;
  print(`\n${functionCount} functions, ${codeBytes} bytes of code, ${dataBytes} bytes of data`);
  const { used, complete } = module.features;
  const more = complete ? "" : " (and maybe more: an instruction is unknown)";
  print(`Features in use: ${used.join(", ") || "none beyond the first version"}${more}`);
  if (declaredFeatures.length > 0) print(`Features declared: ${declaredFeatures.join(", ")}`);
  for (const { field, name, version } of producers) {
    print(`Made with ${printable(`${field}: ${name} ${version}`)}`);
  }
}
