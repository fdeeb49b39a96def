import type { Node, Pair, YAMLMap } from "yaml";
import { nearestName } from "../../base/index.ts";
import { type ConfigFinding, FINDINGS_MAX, shown } from "./finding.ts";
import { judgeValueOf } from "./judge-value.ts";
import type { ConfigKeyKind } from "./key-kind.ts";
import { CONFIG_KEY_NAMES, CONFIG_KEYS, type ConfigKey, type ConfigValue } from "./keys.ts";
import { loadYaml } from "./yaml.ts";

/** What a configuration file says: only the keys that it has. */
export interface ParsedConfig {
  readonly values: ReadonlyMap<ConfigKey, StatedValue>;
  /** In the order of the file. */
  readonly findings: readonly ConfigFinding[];
}

export interface StatedValue {
  readonly value: ConfigValue;
  readonly line: number;
  /** Of a mapping of names: where the value of each stands. */
  readonly entries: ReadonlyMap<string, ConfigPlace>;
}

export interface ConfigPlace {
  readonly line: number;
  readonly column: number;
}

const CONFIG_BYTES_MAX = 65_536;

/** Keys that people look for and that are not there. */
const ABSENT: Readonly<Record<string, string>> = {
  tls: "The server speaks plain HTTP: let a proxy before it do TLS, and name it with publicUrl",
};

/** Parses a configuration file in YAML 1.2, of which JSON is a part. A null is no value. */
export function parseConfig(text: string): ParsedConfig {
  if (Buffer.byteLength(text) > CONFIG_BYTES_MAX) {
    const message = `The file is larger than ${CONFIG_BYTES_MAX} bytes`;
    return {
      values: new Map(),
      findings: [{ severity: "error", message, path: "", line: 1, column: 1 }],
    };
  }
  return new ConfigReader(text).read();
}

class ConfigReader {
  readonly #yaml = loadYaml();
  readonly #text: string;
  readonly #values = new Map<ConfigKey, StatedValue>();
  readonly #findings: (ConfigFinding & { readonly offset: number })[] = [];

  constructor(text: string) {
    this.#text = text;
  }

  read(): ParsedConfig {
    const document = this.#yaml.parseDocument(this.#text, {
      prettyErrors: false,
      strict: true,
      // Texts such as `0x10` or `1_000` are what they are in YAML 1.2.
      version: "1.2",
    });
    for (const { message, pos } of [...document.errors, ...document.warnings]) {
      this.#add(pos[0], "", { message: shown(message) });
    }
    const { contents } = document;
    // Aliases could make a small file large; there is no use for them here.
    this.#yaml.visit(document, {
      Alias: (_, node) => this.#add(node.range?.[0] ?? 0, "", { message: "There are no aliases" }),
    });
    // What is there twice has its place all the same; other errors leave no mapping to be read.
    const isRead = document.errors.every(({ code }) => code === "DUPLICATE_KEY");
    if (isRead && contents !== null) this.#readGroup(contents as Node, "");
    const ordered = this.#findings.sort((one, other) => one.offset - other.offset);
    const findings = ordered.slice(0, FINDINGS_MAX).map(({ offset: _, ...found }) => found);
    return { values: findings.length === 0 ? this.#values : new Map(), findings };
  }

  /** @param group `limits`, or empty for the file itself */
  #readGroup(node: Node, group: string): void {
    if (this.#yaml.isAlias(node)) return;
    if (!this.#yaml.isMap(node)) {
      if (isNull(node.toJSON())) return;
      const what = group === "" ? "The configuration" : `${group}`;
      const message = `${what} is no mapping of keys to values`;
      this.#add(offsetOf(node), group, { message, expected: "KEY: VALUE lines" });
      return;
    }
    for (const pair of (node as YAMLMap<Node, Node | null>).items) this.#readPair(pair, group);
  }

  #readPair({ key, value }: Pair<Node, Node | null>, group: string): void {
    const name: unknown = key.toJSON();
    const path = typeof name === "string" && group !== "" ? `${group}.${name}` : String(name);
    if (group === "" && GROUPS.has(path)) {
      if (value !== null) this.#readGroup(value, path);
    } else if (typeof name === "string" && isKeyIn(group, name)) {
      this.#readValue(path as ConfigKey, value);
    } else this.#addUnknown(key, typeof name === "string" ? name : shown(name), group);
  }

  #readValue(path: ConfigKey, node: Node | null): void {
    const value: unknown = node?.toJSON() ?? null;
    if (node === null || isNull(value) || this.#hasAlias(node)) return;
    const judged = judgeValueOf(CONFIG_KEYS[path] as ConfigKeyKind, value);
    if ("value" in judged) {
      const { line } = this.#placeOf(offsetOf(node));
      this.#values.set(path, { value: judged.value, line, entries: this.#entriesOf(node) });
      return;
    }
    const message = `${path}: ${judged.message}`;
    this.#add(offsetOf(node), path, { message, expected: judged.expected });
  }

  /** Then there is a finding about it already, and no value to be judged. */
  #hasAlias(node: Node): boolean {
    let isThere = false;
    this.#yaml.visit(node, {
      Alias: () => {
        isThere = true;
      },
    });
    return isThere;
  }

  #entriesOf(node: Node): ReadonlyMap<string, ConfigPlace> {
    if (!this.#yaml.isMap(node)) return new Map();
    const pairs = (node as YAMLMap<Node, Node | null>).items;
    const places = pairs.map(({ key, value }): [string, ConfigPlace] => {
      return [String(key.toJSON()), this.#placeOf(offsetOf(value ?? key))];
    });
    return new Map(places);
  }

  #addUnknown(key: Node, name: string, group: string): void {
    const where = group === "" ? "" : ` in ${group}`;
    const names = namesIn(group);
    const meant = (name.includes(".") ? undefined : nearestName(name, names)) ?? elsewhere(name);
    const absent = group === "" && Object.hasOwn(ABSENT, name) ? ABSENT[name] : undefined;
    const hint = absent ?? (meant === undefined ? undefined : `did you mean ${meant}?`);
    this.#add(offsetOf(key), group === "" ? shown(name) : `${group}.${shown(name)}`, {
      message: `There is no key ${shown(name)}${where}`,
      expected: `one of ${names.join(", ")}`,
      ...(hint !== undefined && { hint }),
    });
  }

  #add(offset: number, path: string, found: Partial<ConfigFinding> & { message: string }): void {
    this.#findings.push({ severity: "error", path, ...this.#placeOf(offset), offset, ...found });
  }

  #placeOf(offset: number): ConfigPlace {
    const before = this.#text.slice(0, offset);
    const start = before.lastIndexOf("\n") + 1;
    return { line: before.split("\n").length, column: [...before.slice(start)].length + 1 };
  }
}

const GROUPS: ReadonlySet<string> = new Set(
  CONFIG_KEY_NAMES.flatMap((key) => (key.includes(".") ? [key.replace(/\..*/, "")] : [])),
);

/** The names that a group, or the file itself, may have. */
function namesIn(group: string): string[] {
  const prefix = group === "" ? "" : `${group}.`;
  const inside = CONFIG_KEY_NAMES.filter((key) => key.startsWith(prefix));
  return [...new Set(inside.map((key) => key.slice(prefix.length).replace(/\..*/, "")))];
}

/** The whole key where only its group is missing or wrong. */
function elsewhere(name: string): string | undefined {
  const keys = CONFIG_KEY_NAMES.filter((key) => key.includes("."));
  const last = nearestName(
    name,
    keys.map((key) => key.replace(/.*\./, "")),
  );
  return keys.find((key) => key.endsWith(`.${last}`)) ?? nearestName(name, keys);
}

function isKeyIn(group: string, name: string): boolean {
  const path = group === "" ? name : `${group}.${name}`;
  return !name.includes(".") && Object.hasOwn(CONFIG_KEYS, path);
}

function isNull(value: unknown): boolean {
  return value === null || value === undefined;
}

function offsetOf(node: Node): number {
  return node.range?.[0] ?? 0;
}
