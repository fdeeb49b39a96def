import { posix } from "node:path";
import type { Repository, TextFile } from "./repository.ts";
import { importsOf } from "./source-text.ts";

export interface ImportEdge {
  /** File that imports. */
  readonly from: string;
  readonly line: number;
  readonly specifier: string;
  /** File that is imported, relative to the root; undefined for packages and `node:*`. */
  readonly to: string | undefined;
}

/** Tests, and what is made only for them, may import anything and are imported by nothing else. */
export function isTestFile(path: string): boolean {
  return !path.startsWith("src/") || /\.(test|contract|fixture|bench)\.ts$/.test(path);
}

/** Source files of `src/`, without the tests beside them. */
export function sourceFiles(repository: Repository): TextFile[] {
  return repository.matching(/^src\/.*\.ts$/).filter((file) => !isTestFile(file.path));
}

export function importEdges(file: TextFile): ImportEdge[] {
  return importsOf(file.text).map(({ specifier, line }) => ({
    from: file.path,
    line,
    specifier,
    to: specifier.startsWith(".") ? posix.join(posix.dirname(file.path), specifier) : undefined,
  }));
}
