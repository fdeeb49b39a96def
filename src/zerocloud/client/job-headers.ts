import type { Headers } from "./transport.ts";

/** What the headers of an answer say of a job. */
export interface JobHeaders {
  /** In the order of the results; empty where the answer tells of no nodes. */
  readonly nodes: readonly NodeResult[];
  /** Of the whole job, where it is told. */
  readonly seconds?: number;
  /** Of a chain of jobs. */
  readonly chainSeconds?: number;
  /** Device of the last output in the answer. */
  readonly device?: string;
  readonly isCached: boolean;
}

/** One instance; what its server did not tell is absent. */
export interface NodeResult {
  readonly name: string;
  /** `ok.`, or what went wrong. */
  readonly status?: string;
  readonly exitCode?: number;
  /** 0 validated, 1 failed, 2 skipped. */
  readonly validation?: number;
  readonly etags: readonly { readonly device: string; readonly hex: string }[];
  readonly accounting?: NodeAccounting;
  readonly policy?: string;
  /** Equal for instances of one server. */
  readonly colocated?: string;
  readonly error?: string;
}

export interface NodeAccounting {
  /** By the clock of the wall; absent for an instance that never ran. */
  readonly seconds?: number;
  readonly systemSeconds: number;
  readonly userSeconds: number;
  readonly local: NodeTraffic;
  readonly network: NodeTraffic;
}

export interface NodeTraffic {
  readonly reads: number;
  readonly readBytes: number;
  readonly writes: number;
  readonly writtenBytes: number;
}

/** Nodes that are looked at: headers of any server are shorter. */
const NODES_MAX = 100_000;

/**
 * Reads the lists of `X-Nexe-*`. A list of another length than that of the names cannot be told to
 * belong to the nodes, as the original's with empty entries, and is left out.
 * @param headers names in lower case
 */
export function parseJobHeaders(headers: Headers): JobHeaders {
  const names = listOf(headers["x-nexe-system"]) ?? [];
  const columns = new Columns(headers, names.length);
  const cdr = parseCdrLine(headers["x-nexe-cdr-line"] ?? "");
  const accounts = cdr?.nodes.length === names.length ? cdr.nodes : [];
  const nodes = names.map((name, index) => nodeOf(name, index, columns, accounts[index]));
  const chainSeconds = numberOf(headers["x-chain-total-time"]);
  const device = headers["x-zerovm-device"];
  return {
    nodes,
    ...(cdr !== undefined && { seconds: cdr.seconds }),
    ...(chainSeconds !== undefined && { chainSeconds }),
    ...(device !== undefined && { device: decoded(device) }),
    isCached: headers["x-nexe-cached"]?.toLowerCase() === "true",
  };
}

class Columns {
  readonly #headers: Headers;
  readonly #length: number;
  readonly #read = new Map<string, readonly string[] | undefined>();

  constructor(headers: Headers, length: number) {
    this.#headers = headers;
    this.#length = length;
  }

  /** The entry of a node; undefined where the list is not one of all nodes. */
  entry(name: string, index: number): string | undefined {
    if (!this.#read.has(name)) this.#read.set(name, listOf(this.#headers[`x-nexe-${name}`]));
    const list = this.#read.get(name);
    return list?.length === this.#length ? list[index] || undefined : undefined;
  }

  text(name: string, index: number): string | undefined {
    const entry = this.entry(name, index);
    return entry === undefined ? undefined : decoded(entry);
  }
}

function nodeOf(
  name: string,
  index: number,
  columns: Columns,
  accounting: NodeAccounting | undefined,
): NodeResult {
  const [status, policy, colocated, error] = ["status", "policy", "colocated", "error"].map((one) =>
    columns.text(one, index),
  );
  const exitCode = numberOf(columns.entry("retcode", index));
  const validation = numberOf(columns.entry("validation", index));
  return {
    name: decoded(name),
    ...(status !== undefined && { status }),
    ...(exitCode !== undefined && { exitCode }),
    ...(validation !== undefined && { validation }),
    etags: etagsOf(columns.entry("etag", index) ?? ""),
    ...(accounting !== undefined && { accounting }),
    ...(policy !== undefined && { policy }),
    ...(colocated !== undefined && { colocated }),
    ...(error !== undefined && { error }),
  };
}

/** `-` is nothing; texts are in percent form where the server writes them so. */
function listOf(text: string | undefined): string[] | undefined {
  if (text === undefined || text === "") return undefined;
  const entries = text.split(",", NODES_MAX);
  return entries.map((entry) => (entry.trim() === "-" ? "" : entry.trim()));
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function numberOf(text: string | undefined): number | undefined {
  return text !== undefined && /^-?\d{1,15}(\.\d{1,9})?$/.test(text) ? Number(text) : undefined;
}

/** `/dev/stdout DIGEST /dev/stderr DIGEST`, behind a digest of the memory or not. */
function etagsOf(text: string): { device: string; hex: string }[] {
  const words = text.split(" ").filter((word) => word !== "");
  return words.flatMap((word, at) => {
    const hex = words[at + 1] ?? "";
    const isPair = word.startsWith("/dev/") && /^[0-9a-f]+$/i.test(hex);
    return isPair ? [{ device: decoded(word.slice("/dev/".length)), hex }] : [];
  });
}

export interface CdrLine {
  readonly seconds: number;
  readonly nodes: readonly NodeAccounting[];
}

const CDR_NUMBERS = 10;

/**
 * Reads `X-Nexe-Cdr-Line`: the seconds of the job, then for each instance its seconds and ten
 * numbers. The original leaves out the seconds of one that never ran.
 */
export function parseCdrLine(text: string): CdrLine | undefined {
  const [first = "", ...items] = text.split(",", 2 * NODES_MAX).map((item) => item.trim());
  const seconds = numberOf(first);
  if (seconds === undefined) return undefined;
  const nodes: NodeAccounting[] = [];
  let ownSeconds: number | undefined;
  for (const item of items) {
    const numbers = item.split(/ +/, CDR_NUMBERS + 1).map(numberOf);
    if (numbers.includes(undefined)) return undefined;
    if (numbers.length === 1 && ownSeconds === undefined) {
      ownSeconds = numbers[0];
      continue;
    }
    if (numbers.length !== CDR_NUMBERS) return undefined;
    nodes.push(accountingOf(numbers, ownSeconds));
    ownSeconds = undefined;
  }
  return ownSeconds === undefined ? { seconds, nodes } : undefined;
}

function accountingOf(
  numbers: readonly (number | undefined)[],
  seconds: number | undefined,
): NodeAccounting {
  const at = (index: number): number => numbers[index] ?? 0;
  const traffic = (start: number): NodeTraffic => ({
    reads: at(start),
    readBytes: at(start + 1),
    writes: at(start + 2),
    writtenBytes: at(start + 3),
  });
  const cpu = { systemSeconds: at(0), userSeconds: at(1) };
  const known = seconds === undefined ? {} : { seconds };
  return { ...known, ...cpu, local: traffic(2), network: traffic(6) };
}
