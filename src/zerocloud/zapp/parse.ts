import { readGroups } from "./groups.ts";
import { isLiteral, pathPattern } from "./pattern.ts";
import { type Spot, shown, YamlReader } from "./yaml-reader.ts";
import { type BuildStep, MAP_MEMBER, type Pattern, type Zapp, type ZappFinding } from "./zapp.ts";

export interface ParsedZapp {
  /** Present when no finding is an error. */
  readonly zapp?: Zapp;
  /** In the order of the file, errors before warnings. */
  readonly findings: readonly ZappFinding[];
}

const KEYS = [
  "meta",
  "execution",
  "bundling",
  "ui",
  "build",
  "rest",
  "help",
  "project_type",
  "dependencies",
];

/**
 * Reads a `zapp.yaml`: YAML 1.2 without aliases, and in it the description of an application.
 * @param bytes UTF-8
 */
export function parseZapp(bytes: Uint8Array): ParsedZapp {
  const reader = new YamlReader();
  const root = reader.read(bytes);
  const keys = root === undefined ? undefined : reader.map(root);
  const zapp = root && keys ? readZapp(reader, root, keys) : undefined;
  const findings = [...ordered(reader.findings), ...cutOf(reader)];
  const isGood = findings.every(({ severity }) => severity === "warning");
  return zapp !== undefined && isGood ? { zapp, findings } : { findings };
}

function ordered(findings: readonly ZappFinding[]): ZappFinding[] {
  const rank = ({ severity }: ZappFinding): number => (severity === "error" ? 0 : 1);
  return [...findings].sort((one, other) => {
    return rank(one) - rank(other) || one.line - other.line || one.column - other.column;
  });
}

function cutOf({ leftOut }: YamlReader): ZappFinding[] {
  if (leftOut === 0) return [];
  const message = `${leftOut} more findings are left out`;
  return [{ severity: "warning", message, key: "", line: 1, column: 1 }];
}

function readZapp(reader: YamlReader, root: Spot, keys: ReadonlyMap<string, Spot>): Zapp {
  reader.warnUnknown(keys, KEYS);
  warnUnused(reader, keys);
  const rest = keys.get("rest");
  const name = readName(reader, required(reader, root, keys, "meta"));
  const bundling = readPatterns(reader, keys.get("bundling"));
  const ui = readPatterns(reader, keys.get("ui"));
  const build = readBuild(reader, keys.get("build"));
  const isRest = rest === undefined ? false : (reader.switch(rest) ?? false);
  return { name, bundling, ui, build, isRest, jobText: readJob(reader, root, keys) };
}

/** What the tools of the original used, and these do not. */
function warnUnused(reader: YamlReader, keys: ReadonlyMap<string, Spot>): void {
  const dependencies = keys.get("dependencies");
  if (dependencies === undefined) return;
  const list = reader.list(dependencies) ?? [];
  if (list.length === 0) return;
  const expected = "their files below the project, named in bundling";
  reader.refuse(dependencies, "dependencies are not fetched from anywhere", expected);
}

function required(
  reader: YamlReader,
  parent: Spot,
  keys: ReadonlyMap<string, Spot>,
  name: string,
): Spot | undefined {
  const spot = keys.get(name);
  if (spot !== undefined) return spot;
  const key = parent.key === "" ? name : `${parent.key}.${name}`;
  return reader.refuse({ ...parent, key }, `The key ${key} is missing`);
}

const NAME = /^[^/.\p{Cc}\p{Cf}\p{Surrogate}][^/\p{Cc}\p{Cf}\p{Surrogate}]*$/u;
const NAME_BYTES_MAX = 200;

function readName(reader: YamlReader, meta: Spot | undefined): string {
  const keys = meta === undefined ? undefined : reader.map(meta);
  const spot = meta && keys ? required(reader, meta, keys, "name") : undefined;
  const name = spot === undefined ? undefined : reader.text(spot);
  if (spot === undefined || name === undefined) return "";
  const isGood = NAME.test(name) && new TextEncoder().encode(name).length <= NAME_BYTES_MAX;
  if (!isGood) reader.misfit(spot, `the name of a file, up to ${NAME_BYTES_MAX} bytes`);
  return name;
}

const PATTERNS_MAX = 1000;

function readPatterns(reader: YamlReader, spot: Spot | undefined): Pattern[] {
  const items = spot === undefined ? [] : (reader.list(spot) ?? []);
  if (spot !== undefined && items.length > PATTERNS_MAX) {
    reader.refuse(spot, `${shown(spot.key)} has more than ${PATTERNS_MAX} patterns`);
    return [];
  }
  return items.flatMap((item) => {
    const text = reader.text(item);
    if (text === undefined) return [];
    const made = pathPattern(text);
    if (!("fault" in made)) return [{ text, place: reader.place(item) }];
    const expected = "a pattern of paths below the project, as src/*.py";
    return reader.refuse(item, `${shown(item.key)} ${made.fault}`, expected) ?? [];
  });
}

function readBuild(reader: YamlReader, spot: Spot | undefined): BuildStep[] {
  const items = spot === undefined ? [] : (reader.list(spot) ?? []);
  return items.flatMap((item) => {
    const keys = reader.map(item);
    if (keys === undefined) return [];
    reader.warnUnknown(keys, ["program", "sources", "options"]);
    const programSpot = required(reader, item, keys, "program");
    const sourcesSpot = required(reader, item, keys, "sources");
    const options = keys.get("options");
    const program = programSpot === undefined ? "" : readPath(reader, programSpot);
    if (programSpot !== undefined && program !== "" && !/\.(nexe|wasm)$/.test(program)) {
      reader.misfit(programSpot, "a path that ends in .wasm or .nexe");
    }
    const listed = sourcesSpot === undefined ? [] : (reader.list(sourcesSpot) ?? []);
    if (sourcesSpot !== undefined && listed.length === 0) {
      reader.misfit(sourcesSpot, "the paths of C files");
    }
    const sources = listed.map((source) => readPath(reader, source));
    const words = options === undefined ? [] : (reader.list(options) ?? []);
    const place = reader.place(item);
    return [{ program, sources, options: words.map((one) => readOption(reader, one)), place }];
  });
}

/** Options of a compiler can name files of the host: only those that cannot are taken. */
const COMPILER_OPTION = /^(-O[0-3sg]?|-std=[\w+]+|-w|-W[\w=-]+|-[DU]\w+(=[^\n]*)?|-f[\w=-]+|-g)$/;

function readOption(reader: YamlReader, spot: Spot): string {
  const text = reader.text(spot) ?? "";
  const isGood = COMPILER_OPTION.test(text) && !/^-f.*(plugin|dump|profile|file)/.test(text);
  if (text !== "" && !isGood) reader.misfit(spot, "one of -O, -std=, -D, -U, -W, -f, -g, -w");
  return text;
}

/** A file below the project. */
function readPath(reader: YamlReader, spot: Spot): string {
  const text = reader.text(spot);
  if (text === undefined) return "";
  const made = pathPattern(text);
  const expected = "the path of a file below the project";
  if ("fault" in made) reader.refuse(spot, `${shown(spot.key)} ${made.fault}`, expected);
  else if (!isLiteral(text) || text.startsWith("-")) reader.misfit(spot, expected);
  else if (text.replace(/^(\.\/+)+/, "") === MAP_MEMBER) reader.misfit(spot, expected);
  return text;
}

function readJob(reader: YamlReader, root: Spot, keys: ReadonlyMap<string, Spot>): string {
  const execution = required(reader, root, keys, "execution");
  const inner = execution === undefined ? undefined : reader.map(execution);
  if (execution === undefined || inner === undefined) return "";
  reader.warnUnknown(inner, ["groups"]);
  const groups = required(reader, execution, inner, "groups");
  return groups === undefined ? "" : readGroups(reader, groups);
}
