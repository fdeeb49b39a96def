import { execFileSync } from "node:child_process";
import { existsSync, lstatSync, readFileSync } from "node:fs";
import { join } from "node:path";

export interface RepositoryFile {
  /** Relative to the root, with slashes. */
  readonly path: string;
  readonly sizeBytes: number;
  /** Undefined where the contents are no text. */
  readonly text: string | undefined;
}

/** Every file that git has or would take, read once; the rules look at nothing else. */
export class Repository {
  readonly files: readonly RepositoryFile[];
  readonly #byPath: ReadonlyMap<string, RepositoryFile>;

  constructor(files: readonly RepositoryFile[]) {
    this.files = files.toSorted((a, b) => (a.path < b.path ? -1 : 1));
    this.#byPath = new Map(files.map((file) => [file.path, file]));
  }

  has(path: string): boolean {
    return this.#byPath.has(path);
  }

  /** Whether `path` is a folder with files in it; the root is the empty path. */
  hasFolder(path: string): boolean {
    const prefix = path === "" ? "" : `${path}/`;
    return this.files.some((file) => file.path.startsWith(prefix));
  }

  /** The text of a file, empty where there is no such file or no text. */
  text(path: string): string {
    return this.#byPath.get(path)?.text ?? "";
  }

  /** Text files whose path the pattern matches. */
  matching(pattern: RegExp): TextFile[] {
    return this.files.filter(isText).filter((file) => pattern.test(file.path));
  }
}

export type TextFile = RepositoryFile & { readonly text: string };

function isText(file: RepositoryFile): file is TextFile {
  return file.text !== undefined;
}

/** A repository out of texts by path, for the tests of the rules. */
export function plantedRepository(texts: Readonly<Record<string, string>>): Repository {
  const files = Object.entries(texts).map(([path, text]) => describeFile(path, Buffer.from(text)));
  return new Repository(files);
}

export function describeFile(path: string, bytes: Uint8Array): RepositoryFile {
  return { path, sizeBytes: bytes.length, text: decodeText(bytes) };
}

function decodeText(bytes: Uint8Array): string | undefined {
  if (bytes.includes(0)) return undefined;
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

export function readRepository(root: string): Repository {
  const list = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
  const output = execFileSync("git", list, { cwd: root, encoding: "utf8", maxBuffer: 2 ** 26 });
  const paths = new Set(output.split("\0").filter((path) => path !== ""));
  const files = [...paths].filter((path) => {
    const full = join(root, path);
    return existsSync(full) && lstatSync(full).isFile();
  });
  return new Repository(files.map((path) => describeFile(path, readFileSync(join(root, path)))));
}
