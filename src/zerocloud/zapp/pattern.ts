/**
 * Shell patterns over paths: `*`, `?` and `[…]` stay within a part between slashes and do not take
 * a leading dot, `**` is any number of parts. Time is bounded by length times length.
 */
export interface PathPattern {
  /** Whether a path is meant. */
  matches(path: readonly string[]): boolean;
  /** Whether something below a folder can be meant. */
  reaches(folder: readonly string[]): boolean;
}

export const PATTERN_CHARACTERS_MAX = 1024;

/** @returns the pattern, or in words what a path below the project has to be and is not. */
export function pathPattern(text: string): PathPattern | { readonly fault: string } {
  const fault = faultOf(text);
  if (fault !== undefined) return { fault };
  const parts = text.replace(/^(\.\/+)+/, "").split("/");
  if (parts.at(-1) === "") parts.pop();
  const globs = parts.map((part) => (part === "**" ? DEEP : partGlob(part)));
  return {
    matches: (path) => walk(globs, path, false),
    reaches: (folder) => walk(globs, folder, true),
  };
}

/** Whether it has no letters of patterns: then it names one path. */
export function isLiteral(text: string): boolean {
  return !/[*?[]/.test(text);
}

function faultOf(text: string): string | undefined {
  if (text === "") return "is empty";
  if (text.length > PATTERN_CHARACTERS_MAX) {
    return `has more than ${PATTERN_CHARACTERS_MAX} characters`;
  }
  if (text.startsWith("/")) return "begins with a slash";
  if (/[\p{Cc}\p{Surrogate}]/u.test(text)) return "has control characters";
  const parts = text.replace(/^(\.\/+)+/, "").split("/");
  if (parts.some((part) => part === "..")) return "leads out of the project with '..'";
  if (parts.slice(0, -1).some((part) => part === "") || parts[0] === "") return "has an empty part";
  return parts.includes(".") ? "has the part '.'" : undefined;
}

type PartGlob = (part: string) => boolean;

/** Stands for any number of parts. */
const DEEP = Symbol("**");

/**
 * Goes along pattern and path; where `**` was passed, what fails is tried again one part later.
 * @param isOpen whether it is enough that the path is a beginning
 */
function walk(
  globs: readonly (PartGlob | typeof DEEP)[],
  path: readonly string[],
  isOpen: boolean,
) {
  let [atGlob, atPath] = [0, 0];
  let deepGlob = -1;
  let deepPath = 0;
  while (atPath < path.length) {
    const glob = globs[atGlob];
    const part = path[atPath] ?? "";
    if (glob === DEEP) {
      [deepGlob, deepPath] = [atGlob, atPath];
      atGlob += 1;
    } else if (glob?.(part) === true) {
      atGlob += 1;
      atPath += 1;
    } else if (deepGlob >= 0 && !(path[deepPath] ?? ".").startsWith(".")) {
      deepPath += 1;
      [atGlob, atPath] = [deepGlob + 1, deepPath];
    } else {
      return false;
    }
  }
  if (isOpen) return atGlob < globs.length || globs.at(-1) === DEEP || deepGlob >= 0;
  while (globs[atGlob] === DEEP) atGlob += 1;
  return atGlob === globs.length;
}

type Letter = { readonly kind: "star" } | { readonly kind: "one"; takes(letter: string): boolean };

/** One part between slashes. */
function partGlob(text: string): PartGlob {
  const letters = lettersOf(text);
  return (part) => {
    if (part.startsWith(".") && !text.startsWith(".")) return false;
    return matchLetters(letters, [...part]);
  };
}

function lettersOf(text: string): Letter[] {
  const letters: Letter[] = [];
  for (let rest = text; rest !== ""; ) {
    const set = /^\[(!?)(\]?[^\]]*)\]/.exec(rest);
    const first = String.fromCodePoint(rest.codePointAt(0) ?? 0);
    if (set !== null && set[2] !== "") {
      letters.push({ kind: "one", takes: setOf(set[2] ?? "", set[1] === "!") });
      rest = rest.slice(set[0].length);
      continue;
    }
    if (first === "*") letters.push({ kind: "star" });
    else letters.push({ kind: "one", takes: (letter) => first === "?" || letter === first });
    rest = rest.slice(first.length);
  }
  return letters;
}

/** The letters between brackets, `a-z` a range of them. */
function setOf(text: string, isNot: boolean): (letter: string) => boolean {
  const letters = [...text];
  const ranges: [string, string][] = [];
  for (let at = 0; at < letters.length; at += 1) {
    const low = letters[at] ?? "";
    const high = letters[at + 1] === "-" ? letters[at + 2] : undefined;
    ranges.push([low, high ?? low]);
    if (high !== undefined) at += 2;
  }
  return (letter) => ranges.some(([low, high]) => letter >= low && letter <= high) !== isNot;
}

function matchLetters(letters: readonly Letter[], part: readonly string[]): boolean {
  let [at, inPart, star, starPart] = [0, 0, -1, 0];
  while (inPart < part.length) {
    const letter = letters[at];
    if (letter?.kind === "star") {
      [star, starPart] = [at, inPart];
      at += 1;
    } else if (letter?.takes(part[inPart] ?? "") === true) {
      at += 1;
      inPart += 1;
    } else if (star >= 0) {
      starPart += 1;
      [at, inPart] = [star + 1, starPart];
    } else {
      return false;
    }
  }
  return letters.slice(at).every(({ kind }) => kind === "star");
}
