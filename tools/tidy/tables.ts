import type { GeneratedDocument } from "../generate-docs.ts";
import type { Finding } from "./finding.ts";
import type { Repository } from "./repository.ts";
import { sourceFiles } from "./source-graph.ts";

/** Documents made from tables of the source say what the tables say today. */
export function checkGenerated(
  repository: Repository,
  documents: readonly GeneratedDocument[],
): Finding[] {
  return documents
    .filter(({ path, text }) => repository.text(path) !== text)
    .map(({ path }) => ({ path, message: "is not what its table says: run `npm run docs`" }));
}

/** Every package that we depend on has an entry in RATIONALE.md that names it. */
export function checkDependencies(repository: Repository): Finding[] {
  const { dependencies = {}, devDependencies = {} } = JSON.parse(repository.text("package.json"));
  const rationale = repository.text("RATIONALE.md");
  return Object.keys({ ...dependencies, ...devDependencies })
    .filter((name) => !rationale.includes(`\`${name}\``))
    .map((name) => ({ path: "RATIONALE.md", message: `has no entry for the package \`${name}\`` }));
}

interface LockedPackage {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

/**
 * `npm ci` refuses a lock file in which a package is missing, be it one that only other systems
 * install; a folder that is installed already never notices.
 */
export function checkLock(repository: Repository): Finding[] {
  const path = "package-lock.json";
  const packages: Record<string, LockedPackage> = JSON.parse(repository.text(path)).packages;
  return Object.entries(packages).flatMap(([place, { dependencies, optionalDependencies }]) =>
    Object.keys({ ...dependencies, ...optionalDependencies })
      .filter((name) => !placesOf(place, name).some((at) => packages[at] !== undefined))
      .map((name) => ({
        path,
        message: `has no entry for ${name}, which ${place || "package.json"} wants`,
      })),
  );
}

/** Where a package may lie for another one at `place`: inside it, or beside it or its parents. */
function placesOf(place: string, name: string): string[] {
  const parts = place === "" ? [""] : place.split(/\/?node_modules\//);
  return parts.map((_, index) => {
    const folder = parts
      .slice(0, index + 1)
      .join("/node_modules/")
      .replace(/^\//, "");
    return folder === "" ? `node_modules/${name}` : `${folder}/node_modules/${name}`;
  });
}

const ERROR_TABLE_PATH = "src/base/error-table.ts";

/** The table, and the files beside it that hold some of its rows. */
const ERROR_ROWS = /^src\/base\/(?:error-table|[a-z]+-errors)\.ts$/;

/** An error code that nothing raises is a promise that nobody keeps. */
export function checkErrorCodes(repository: Repository, codes: readonly string[]): Finding[] {
  const sources = sourceFiles(repository).filter((file) => !ERROR_ROWS.test(file.path));
  return codes
    .filter((code) => !sources.some((file) => new RegExp(`\\b${code}\\b`).test(file.text)))
    .map((code) => ({ path: ERROR_TABLE_PATH, message: `${code} is used nowhere in src` }));
}

const LIMITS_PATH = "src/base/limits.ts";

/** A limit has to be described, and kept: named by the code that counts against it. */
export function checkLimits(repository: Repository, names: readonly string[]): Finding[] {
  const page = repository.text("docs/reference/limits.md");
  const sources = sourceFiles(repository).filter((file) => file.path !== LIMITS_PATH);
  return names.flatMap((name) => {
    const used = new RegExp(`["']${name}["']|\\blimits\\??\\.${name}\\b`);
    const messages = [
      ...(page.includes(`\`${name}\``) ? [] : [`${name} is missing in docs/reference/limits.md`]),
      ...(sources.some((file) => used.test(file.text)) ? [] : [`${name} is kept nowhere in src`]),
    ];
    return messages.map((message) => ({ path: LIMITS_PATH, message }));
  });
}
