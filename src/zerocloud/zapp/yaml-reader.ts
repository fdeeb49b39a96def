import { isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from "yaml";
import { type Diagnostic, nearestName, printable } from "../../base/index.ts";
import { ZAPP_BYTES_MAX, ZAPP_FINDINGS_MAX, type ZappFinding, type ZappPlace } from "./zapp.ts";

/** A value of the file, and the path of keys that leads to it. */
export interface Spot {
  readonly key: string;
  readonly node: Node | null;
  /** Offset in the text of the value; of the key where there is no value. */
  readonly at: number;
}

const DEPTH_MAX = 32;
const SHOWN_CHARACTERS = 80;

/** Reads YAML by parts; whatever is not as it has to be becomes a finding with its place. */
export class YamlReader {
  readonly findings: ZappFinding[] = [];
  /** Findings that are not kept. */
  leftOut = 0;
  readonly #lines = new LineCounter();
  #text = "";

  /** @returns the value of the whole file, unless it is no YAML that is taken here */
  read(bytes: Uint8Array): Spot | undefined {
    const whole: Spot = { key: "", node: null, at: 0 };
    if (bytes.length > ZAPP_BYTES_MAX) {
      return this.refuse(whole, `The file has more than ${ZAPP_BYTES_MAX} bytes`);
    }
    try {
      this.#text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    } catch {
      return this.refuse(whole, "The file is no UTF-8");
    }
    const opening = deepestFlow(this.#text);
    if (opening > DEPTH_MAX)
      return this.refuse(whole, `Brackets are nested over ${DEPTH_MAX} deep`);
    return this.#parse(whole);
  }

  #parse(whole: Spot): Spot | undefined {
    const document = parseDocument(this.#text, {
      lineCounter: this.#lines,
      // It compares each key with each other one; `map` needs no time for that.
      uniqueKeys: false,
      prettyErrors: false,
      logLevel: "silent",
    });
    for (const { message, pos } of [...document.errors, ...document.warnings]) {
      this.refuse({ ...whole, at: pos[0] }, shown(message.split("\n")[0] ?? ""));
    }
    if (document.errors.length > 0) return undefined;
    const { contents } = document;
    if (contents !== null && !this.#isPlain(contents, 0)) return undefined;
    return { key: "", node: contents, at: contents?.range?.[0] ?? 0 };
  }

  /** Aliases could make a gigabyte of a kilobyte; what is deeper than a job is none. */
  #isPlain(node: Node, depth: number): boolean {
    const spot = { key: "", node, at: node.range?.[0] ?? 0 };
    if (depth > DEPTH_MAX) {
      this.refuse(spot, `Values are nested over ${DEPTH_MAX} deep`);
      return false;
    }
    if (isAlias(node)) {
      this.refuse(spot, "An alias (*NAME) is not taken here", "the value itself");
      return false;
    }
    if (isSeq(node)) {
      return node.items.every((item) => item === null || this.#isPlain(item as Node, depth + 1));
    }
    if (!isMap(node)) return true;
    return node.items.every(({ key, value }) => {
      const isText = isScalar(key) && typeof key.value === "string";
      if (!isText) this.refuse(spot, "A key is no text", "text as the key");
      return isText && (value === null || this.#isPlain(value as Node, depth + 1));
    });
  }

  /** The keys of a map with their values; a finding for anything else. */
  map(spot: Spot): Map<string, Spot> | undefined {
    if (!isMap(spot.node)) return this.misfit(spot, "a map of keys and values");
    const spots = new Map<string, Spot>();
    for (const { key, value } of spot.node.items) {
      if (!isScalar(key) || typeof key.value !== "string") continue;
      const name = /^[\w-]+$/.test(key.value) ? key.value : JSON.stringify(key.value);
      const node = value as Node | null;
      const at = (isEmpty(node) ? key.range : node?.range)?.[0] ?? spot.at;
      const one = { key: spot.key === "" ? name : `${spot.key}.${name}`, node, at };
      if (spots.has(key.value)) this.refuse(one, `The key ${shown(one.key)} is there already`);
      else spots.set(key.value, one);
    }
    return spots;
  }

  list(spot: Spot): Spot[] | undefined {
    if (!isSeq(spot.node)) return this.misfit(spot, "a list");
    return spot.node.items.map((item, index) => {
      const node = item as Node | null;
      return { key: `${spot.key}[${index}]`, node, at: node?.range?.[0] ?? spot.at };
    });
  }

  text(spot: Spot): string | undefined {
    const value = isScalar(spot.node) ? spot.node.value : undefined;
    if (typeof value !== "string") return this.misfit(spot, "text");
    if (/\p{Surrogate}|\0/u.test(value)) return this.misfit(spot, "well-formed text");
    return value;
  }

  switch(spot: Spot): boolean | undefined {
    const value = isScalar(spot.node) ? spot.node.value : undefined;
    return typeof value === "boolean" ? value : this.misfit(spot, "true or false");
  }

  /** A warning for each key that nobody knows. */
  warnUnknown(spots: ReadonlyMap<string, Spot>, known: readonly string[]): void {
    for (const [name, spot] of spots) {
      if (known.includes(name)) continue;
      const meant = nearestName(name, known);
      const hint =
        meant === undefined ? `known here: ${known.join(", ")}` : `did you mean ${meant}?`;
      const message = `The key ${shown(spot.key)} is not known and ignored`;
      this.add({ severity: "warning", message, hint }, spot);
    }
  }

  /** The value as JSON with escapes for all that is not ASCII. */
  json(spot: Spot): string {
    const { node } = spot;
    if (isMap(node)) {
      const entries = [...(this.map(spot) ?? [])];
      return `{${entries.map(([name, one]) => `${asciiJson(name)}:${this.json(one)}`).join()}}`;
    }
    if (isSeq(node)) return `[${(this.list(spot) ?? []).map((one) => this.json(one)).join()}]`;
    const value = isScalar(node) ? node.value : null;
    if (typeof value === "string") return asciiJson(value);
    if (typeof value === "boolean" || value === null) return String(value);
    if (typeof value === "number" && Number.isFinite(value)) return JSON.stringify(value);
    this.misfit(spot, "a value of JSON");
    return "null";
  }

  misfit(spot: Spot, expected: string): undefined {
    const what = spot.key === "" ? "The file" : shown(spot.key);
    return this.refuse(spot, `${what} is ${this.#kindOf(spot.node)}`, expected);
  }

  #kindOf(node: Node | null): string {
    if (isMap(node)) return "a map";
    if (isSeq(node)) return "a list";
    if (isEmpty(node)) return "empty";
    const value = isScalar(node) ? node.value : undefined;
    return typeof value === "string" ? `text, ${shown(JSON.stringify(value))}` : shown(`${value}`);
  }

  refuse(spot: Spot, message: string, expected?: string): undefined {
    const more = expected === undefined ? {} : { expected };
    this.add({ severity: "error", message, ...more }, spot);
  }

  /** Keeps a finding with its place; of each severity no more than anybody reads. */
  add(found: Diagnostic, spot: Spot): void {
    const kept = this.findings.filter(({ severity }) => severity === found.severity).length;
    if (kept < ZAPP_FINDINGS_MAX) this.findings.push({ ...found, ...this.place(spot) });
    else this.leftOut += 1;
  }

  /** Columns in characters, lines from 1. */
  place(spot: Spot): ZappPlace {
    const { line, col } = this.#lines.linePos(spot.at);
    const start = spot.at - col + 1;
    const column = [...this.#text.slice(Math.max(0, start), spot.at)].length + 1;
    return { key: spot.key, line: Math.max(1, line), column };
  }
}

function isEmpty(node: Node | null): boolean {
  return node === null || (isScalar(node) && node.value === null);
}

/** How deep brackets and braces can be in each other: the parser would go down with them. */
function deepestFlow(text: string): number {
  let [depth, deepest] = [0, 0];
  for (const [bracket] of text.matchAll(/[[\]{}]/g)) {
    depth = "[{".includes(bracket) ? depth + 1 : Math.max(0, depth - 1);
    deepest = Math.max(deepest, depth);
  }
  return deepest;
}

export function asciiJson(text: string): string {
  return JSON.stringify(text).replace(/[^ -~]/g, (letter) => {
    return `\\u${letter.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
}

export function shown(text: string): string {
  const cut = text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}…` : text;
  return printable(cut)
    .replaceAll("\\\\", "\\")
    .replace(/\p{Surrogate}/gu, "\ufffd");
}
