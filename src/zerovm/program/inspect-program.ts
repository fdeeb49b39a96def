import { closeSync, constants, fstatSync, openSync } from "node:fs";
import { ZvmError } from "../../base/index.ts";
import type { Nexe, NexeSegment } from "../../nacl/elf/index.ts";
import { isNexeImage } from "../../nacl/frozen/index.ts";
import { FROZEN_BYTES, type FrozenHead, readFrozenHead } from "../../wasm/freeze/index.ts";
import {
  type ExportShape,
  type FeatureScan,
  MODULE_BYTES_MAX,
  type ModuleShape,
  type ProgramKind,
  recognise,
  scanFeatures,
} from "../../wasm/index.ts";
import type { Finding } from "../manifest/index.ts";
import { sha256Of } from "./content-hash.ts";
import { fileSource } from "./file-source.ts";
import { openNexeImage } from "./frozen-program.ts";
import { judgeCode } from "./judge-code.ts";
import type { HostOffer } from "./judge-imports.ts";
import { judgeProgram } from "./judge-program.ts";
import { closeProgram, examineProgram, type LoadOptions } from "./load-program.ts";
import type { NexeTools } from "./open-nexe.ts";
import { refusal } from "./program-finding.ts";
import { type Producer, readProducers, readTargetFeatures } from "./tool-sections.ts";

/** What `zerovm inspect` shows of a program. Plain data. */
export interface Inspection {
  readonly path: string;
  readonly sizeBytes: number;
  readonly sha256: string;
  readonly kind: ProgramKind;
  readonly description: string;
  /** Whether it would be run under the limits that were given. */
  readonly runnable: boolean;
  /** Why not; empty when it would. */
  readonly findings: readonly Finding[];
  /** Of modules that can be read. */
  readonly module?: ModuleInspection;
  /** Of Native Client programs that may run. */
  readonly nexe?: NexeInspection;
}

/** Guest addresses and sizes of the parts of a Native Client program, in bytes. */
export interface NexeInspection {
  readonly entry: number;
  readonly parts: readonly {
    readonly name: "text" | "rodata" | "data" | "bss";
    readonly address: number;
    readonly sizeBytes: number;
  }[];
  /** Where the heap begins. */
  readonly heapStart: number;
  /** What an image says of how it was frozen. */
  readonly frozen?: FrozenInspection;
}

export interface ModuleInspection {
  readonly imports: readonly ImportGroup[];
  readonly exports: readonly ExportShape[];
  readonly memories: readonly SizeInspection[];
  readonly tables: readonly SizeInspection[];
  readonly functionCount: number;
  readonly globalCount: number;
  readonly elementCount: number;
  readonly dataCount: number;
  readonly codeBytes: number;
  readonly dataBytes: number;
  /** Index of the function that runs at instantiation, before `_start`. */
  readonly startFunction?: number;
  /** What the code uses, found by walking over every instruction. */
  readonly features: FeatureScan;
  /** What the toolchain says it was told, from the section `target_features`. */
  readonly declaredFeatures: readonly string[];
  readonly customSections: readonly { readonly name: string; readonly sizeBytes: number }[];
  /** Whether functions have names, from the section `name`. */
  readonly hasNames: boolean;
  readonly producers: readonly Producer[];
  /** What an image says of how it was frozen. */
  readonly frozen?: FrozenInspection;
}

export interface FrozenInspection {
  /** SHA-256 of the program that it was made of. */
  readonly sourceHash: string;
  /** How far the virtual clock had moved, and bytes of the entropy that were used: decimal text. */
  readonly clockNs: string;
  readonly entropyBytes: string;
}

export interface ImportGroup {
  readonly module: string;
  readonly imports: readonly {
    readonly name: string;
    readonly kind: string;
    readonly type?: string;
    /** Whether the sandbox offers it. */
    readonly offered: boolean;
  }[];
}

/** Pages of 64 KiB for memories, elements for tables. */
export interface SizeInspection {
  readonly minimum: number;
  readonly maximum?: number;
  readonly imported: boolean;
  readonly shared: boolean;
}

/**
 * Reads a program in whole and says what it is and needs, also when it would be refused.
 * @throws ZvmError `ZVM_PROGRAM_NOT_FOUND` or `ZVM_FILE` when there is no file to read.
 */
export function inspectProgram(path: string, options: LoadOptions): Inspection {
  const bytes = readInspected(path, options);
  const judging = { ...options, name: path };
  if (options.nexeTools !== undefined) return inspectNexe(path, bytes, options.nexeTools, options);
  const { recognition, shape, findings: found } = judgeProgram(bytes, judging);
  const isReadable = shape !== undefined && found.length === 0;
  const findings = isReadable ? judgeCode(bytes, shape, judging) : found;
  const module = shape === undefined ? {} : { module: inspectModule(bytes, shape, options) };
  return {
    path,
    sizeBytes: bytes.length,
    sha256: sha256Of(bytes),
    kind: recognition.kind,
    description: recognition.description,
    runnable: shape !== undefined && findings.length === 0,
    findings,
    ...module,
  };
}

function inspectNexe(
  path: string,
  bytes: Uint8Array,
  tools: NexeTools,
  { policy = "zerovm" }: LoadOptions,
): Inspection {
  const { kind, description } = recognise(bytes);
  const common = { path, sizeBytes: bytes.length, sha256: sha256Of(bytes), kind, description };
  const image = isNexeImage(bytes) ? openNexeImage(bytes, path, policy) : undefined;
  if (typeof image === "string") {
    return { ...common, runnable: false, findings: [refusal({ message: image })] };
  }
  const program = image?.program ?? bytes;
  const judged = tools.judgeNexe(program, path, policy);
  if (judged.kind === "refused") return { ...common, runnable: false, findings: judged.findings };
  const { nexe } = judged;
  const module = tools.translateNexe(program, nexe, path, false);
  const findings = module instanceof Uint8Array ? [] : module;
  const parts = { ...nexeParts(nexe), ...(image !== undefined && { frozen: shownFrozen(image) }) };
  return { ...common, runnable: findings.length === 0, findings, nexe: parts };
}

function shownFrozen({
  sourceHash,
  clockNs,
  entropyBytes,
}: Pick<FrozenHead, "sourceHash" | "clockNs" | "entropyBytes">): FrozenInspection {
  return { sourceHash, clockNs: `${clockNs}`, entropyBytes: `${entropyBytes}` };
}

function nexeParts({ entry, text, rodata, data, bss, heapStart }: Nexe): NexeInspection {
  const part = (name: "text" | "rodata" | "data", segment: NexeSegment | undefined) =>
    segment === undefined ? [] : [{ name, address: segment.address, sizeBytes: segment.fileBytes }];
  const zeros =
    bss === undefined
      ? []
      : [{ name: "bss" as const, address: bss.start, sizeBytes: bss.end - bss.start }];
  const parts = [...part("text", text), ...part("rodata", rodata), ...part("data", data), ...zeros];
  return { entry, parts, heapStart };
}

/** Files that are no programs are inspected too; only what cannot be read at all is an error. */
function readInspected(path: string, options: LoadOptions): Uint8Array {
  // A nexe is judged by itself; that it is none of the other kind is no reason not to read it.
  const verdict = examineProgram(path, { ...options, nexeTools: undefined });
  if (verdict.kind === "accepted") closeProgram(verdict.program);
  else if (verdict.code !== "ZVM_PROGRAM_REFUSED") {
    const [first] = verdict.findings;
    throw new ZvmError(verdict.code, first?.message ?? path, { diagnostics: verdict.findings });
  }
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const stats = fstatSync(fd);
    if (!stats.isFile() || stats.size > MODULE_BYTES_MAX) {
      const message = `Cannot inspect ${path}: it is no file of at most ${MODULE_BYTES_MAX} bytes`;
      throw new ZvmError("ZVM_FILE", message);
    }
    const bytes = new Uint8Array(stats.size);
    return bytes.subarray(0, fileSource(fd, bytes.length, path).read(0, bytes));
  } finally {
    closeSync(fd);
  }
}

function inspectModule(bytes: Uint8Array, shape: ModuleShape, host: HostOffer): ModuleInspection {
  const { customSections } = shape;
  return {
    imports: groupImports(shape, host),
    exports: shape.exports,
    memories: shape.memories.map(sizeOf),
    tables: shape.tables.map(sizeOf),
    functionCount: shape.functionCount,
    globalCount: shape.globalCount,
    elementCount: shape.elementCount,
    dataCount: shape.dataCount,
    codeBytes: shape.codeBytes,
    dataBytes: shape.dataBytes,
    ...(shape.startFunction === undefined ? {} : { startFunction: shape.startFunction }),
    features: scanFeatures(bytes, shape),
    declaredFeatures: readTargetFeatures(bytes, customSections),
    customSections: customSections.map(({ name, sizeBytes }) => ({ name, sizeBytes })),
    hasNames: customSections.some((it) => it.name === "name"),
    producers: readProducers(bytes, customSections),
    ...inspectFrozen(bytes, shape),
  };
}

/** Whether it is as it must be, who runs it finds out. */
function inspectFrozen(bytes: Uint8Array, shape: ModuleShape): Pick<ModuleInspection, "frozen"> {
  try {
    const head = readFrozenHead(bytes.subarray(0, FROZEN_BYTES), shape);
    return head === undefined ? {} : { frozen: shownFrozen(head) };
  } catch (error) {
    if (error instanceof ZvmError) return {};
    throw error;
  }
}

function sizeOf(it: SizeInspection): SizeInspection {
  const { minimum, maximum, imported, shared } = it;
  return { minimum, ...(maximum === undefined ? {} : { maximum }), imported, shared };
}

function groupImports(shape: ModuleShape, host: HostOffer): ImportGroup[] {
  return [...groupByModule(shape)].map(([module, imports]) => ({
    module,
    imports: imports.map(({ name, kind, type }) => ({
      name,
      kind,
      ...(type === undefined ? {} : { type }),
      offered: kind === "function" && host.hostImports.get(module)?.has(name) === true,
    })),
  }));
}

function groupByModule(shape: ModuleShape): Map<string, ModuleShape["imports"][number][]> {
  const groups = new Map<string, ModuleShape["imports"][number][]>();
  for (const it of shape.imports) {
    const group = groups.get(it.module);
    if (group === undefined) groups.set(it.module, [it]);
    else group.push(it);
  }
  return groups;
}
