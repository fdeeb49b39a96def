import { lstatSync, readlinkSync } from "node:fs";
import {
  type ByteString,
  byteStringOf,
  byteStringOfText,
  bytesOf,
  printable,
  textOf,
} from "../../base/index.ts";
import { compareBytes } from "../../tar/index.ts";
import { DEPTH_MAX, type HostFolder } from "../../zerovm/image/index.ts";
import { type PathPattern, type Pattern, pathPattern, type ZappFinding } from "../zapp/index.ts";

/** A file or link of the project that goes into the bundle. */
export interface Collected {
  /** From the project on. */
  readonly path: ByteString;
  readonly kind: "file" | "symlink" | "directory";
  /** Target of a link, as it stands. */
  readonly link?: ByteString;
}

export interface Collection {
  /** In the order of their paths, each once. */
  readonly members: readonly Collected[];
  readonly findings: readonly ZappFinding[];
}

/** Entries of the project that are looked at; a pattern like `**` in a home folder stops here. */
export const ENTRIES_MAX = 200_000;

interface Wanted extends Pattern {
  readonly compiled: PathPattern;
}

/**
 * Finds what the patterns of a project name. A folder that is named goes in with all that it holds.
 * Symbolic links are never followed: they go in as links where they stay inside the bundle.
 * @param leftOut paths that are no members, whatever the patterns say
 */
export function collectMembers(
  project: HostFolder,
  patterns: readonly Pattern[],
  leftOut: ReadonlySet<ByteString>,
): Collection {
  const wanted = patterns.flatMap((pattern): Wanted[] => {
    const compiled = pathPattern(pattern.text);
    return "fault" in compiled ? [] : [{ ...pattern, compiled }];
  });
  return new Collector(wanted, leftOut).collect(project);
}

class Collector {
  readonly #wanted: readonly Wanted[];
  readonly #leftOut: ReadonlySet<ByteString>;
  readonly #members: Collected[] = [];
  readonly #findings: ZappFinding[] = [];
  readonly #met = new Set<Pattern>();
  #entries = 0;

  constructor(wanted: readonly Wanted[], leftOut: ReadonlySet<ByteString>) {
    this.#wanted = wanted;
    this.#leftOut = leftOut;
  }

  collect(project: HostFolder): Collection {
    this.#walk(project, [], undefined);
    for (const pattern of this.#wanted) {
      if (!this.#met.has(pattern)) this.#report("warning", pattern, "matches nothing");
    }
    const [first] = this.#wanted;
    if (first !== undefined && this.#met.size === 0) {
      this.#report("error", first, "and all others match nothing");
    }
    this.#members.sort((one, other) => compareBytes(one.path, other.path));
    return { members: this.#members, findings: this.#findings };
  }

  /** @param whole the pattern that names this folder or one around it */
  #walk(folder: HostFolder, path: readonly string[], whole: Wanted | undefined): number {
    let count = 0;
    for (const name of folder.names()) {
      this.#entries += 1;
      const first = this.#wanted[0];
      if (this.#entries === ENTRIES_MAX && first !== undefined) {
        this.#report("error", first, `looks at more than ${ENTRIES_MAX} files of the project`);
      }
      if (this.#entries >= ENTRIES_MAX) return count;
      count += this.#visit(folder, name, path, whole);
    }
    return count;
  }

  #visit(
    folder: HostFolder,
    name: ByteString,
    above: readonly string[],
    whole: Wanted | undefined,
  ): number {
    const path = [...above, textOf(name)];
    const wanted = whole ?? this.#wanted.find(({ compiled }) => compiled.matches(path));
    for (const one of this.#wanted) if (one.compiled.matches(path)) this.#met.add(one);
    const isReached = this.#wanted.some(({ compiled }) => compiled.reaches(path));
    if (wanted === undefined && !isReached) return 0;
    const state = lstatSync(folder.at(name), { throwIfNoEntry: false });
    const bytes = byteStringOfText(path.join("/"));
    if (state === undefined || this.#leftOut.has(bytes)) return 0;
    if (state.isDirectory()) {
      // Behind `**` every part is looked at by itself, so that hidden files stay out.
      const named = whole ?? (wanted?.text.endsWith("**") === true ? undefined : wanted);
      return this.#enter(folder, name, path, named);
    }
    if (wanted === undefined) return 0;
    if (name !== byteStringOfText(textOf(name))) {
      return this.#refuse(wanted, path, "its name is no UTF-8");
    }
    if (state.isSymbolicLink()) return this.#addLink(folder, name, path, wanted);
    if (!state.isFile()) return this.#refuse(wanted, path, "it is no regular file");
    this.#members.push({ path: bytes, kind: "file" });
    return 1;
  }

  #enter(
    folder: HostFolder,
    name: ByteString,
    path: readonly string[],
    wanted: Wanted | undefined,
  ): number {
    const first = wanted ?? this.#wanted[0];
    if (path.length > DEPTH_MAX && first !== undefined) {
      return this.#refuse(first, path, `folders are nested more than ${DEPTH_MAX} deep`);
    }
    const inner = folder.openFolder(name);
    try {
      const count = this.#walk(inner, path, wanted);
      if (count > 0 || wanted === undefined) return count;
      // Nothing else would say that it is there.
      this.#members.push({ path: byteStringOfText(path.join("/")), kind: "directory" });
      return 1;
    } finally {
      inner.close();
    }
  }

  #addLink(folder: HostFolder, name: ByteString, path: readonly string[], wanted: Wanted): number {
    const link = byteStringOf(readlinkSync(folder.at(name), { encoding: "buffer" }));
    if (leadsOut(path, link)) {
      const target = printable(textOf(link));
      return this.#refuse(wanted, path, `it is a link that leads out of the bundle, to ${target}`);
    }
    this.#members.push({ path: byteStringOfText(path.join("/")), kind: "symlink", link });
    return 1;
  }

  #refuse(pattern: Wanted, path: readonly string[], reason: string): number {
    this.#report("error", pattern, `takes in ${printable(path.join("/"))}: ${reason}`);
    return 0;
  }

  #report(severity: "error" | "warning", { text, place }: Pattern, what: string): void {
    const message = `${place.key}: the pattern '${printable(text)}' ${what}`;
    this.#findings.push({ severity, message, ...place });
  }
}

/** Whether a link, seen from where it stands, goes above the root of the bundle. */
function leadsOut(path: readonly string[], link: ByteString): boolean {
  if (link.startsWith("/") || bytesOf(link).length === 0) return true;
  let depth = path.length - 1;
  for (const part of link.split("/")) {
    if (part === "..") depth -= 1;
    else if (part !== "" && part !== ".") depth += 1;
    if (depth < 0) return true;
  }
  return false;
}
