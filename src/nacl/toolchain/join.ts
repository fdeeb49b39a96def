const TOKENS = /"(?:[^"\\]|\\.)*"|%[\w:]+|[A-Za-z_.][\w.$]*/g;
const LABEL = /^\s*([A-Za-z_.][\w.$]*)\s*:/gm;
const OTHER = /^\s*\.(?:comm|set|equ)\s+([A-Za-z_.][\w.$]*)/gm;
const GLOBAL = /^\s*\.(?:globl|global|weak)\s+([A-Za-z_.][\w.$]*)/gm;
const LOCAL = /^\s*\.local\s+([A-Za-z_.][\w.$]*)/gm;
const COMMON = /^\s*\.comm\s+([A-Za-z_.][\w.$]*)/gm;
const WEAK = /^\s*\.weak\s+([A-Za-z_.][\w.$]*)/gm;
/** A name where it is defined, which a weak definition can be given. */
const DEFINITION = /^(\s*(?:\.(?:set|equ)\s+)?)([A-Za-z_.][\w.$]*)(?=\s*[:,])/gm;
const LINE = /^(\s*)(\S+)(.*)$/gm;

/** What the names of an assembly text are to others. */
export interface UnitNames {
  /** Names that it defines for all others. */
  readonly defines: readonly string[];
  /** Names that others have to define; among them words that are no names at all. */
  readonly needs: readonly string[];
}

export function namesOfUnit(text: string): UnitNames {
  const own = namesOf(text, LABEL, OTHER);
  const needs = new Set<string>();
  for (const [, , word = "", rest = ""] of text.matchAll(LINE)) {
    if (word.includes(":") || word === ".section") continue;
    for (const [token] of rest.matchAll(TOKENS)) {
      if (!/^[%"]/.test(token) && !own.has(token)) needs.add(token);
    }
  }
  return { defines: [...globalNames(text)], needs: [...needs] };
}

/** Names that a text defines for all others. */
export function globalNames(text: string): Set<string> {
  const defined = namesOf(text, LABEL, OTHER);
  const local = namesOf(text, LOCAL);
  const names = namesOf(text, GLOBAL, COMMON);
  return new Set([...names].filter((name) => defined.has(name) && !local.has(name)));
}

/** Names that a text defines for all others who do not define them themselves, or needs if any. */
export function weakNames(text: string): Set<string> {
  return namesOf(text, WEAK);
}

/** The text without its own definitions of some names, for which it then needs those of others. */
export function withoutDefinitions(text: string, names: ReadonlySet<string>): string {
  if (names.size === 0) return text;
  return text.replace(DEFINITION, (found, before: string, name: string) =>
    names.has(name) ? `${before}${name}$weak` : found,
  );
}

/**
 * The text with every name changed that is its own, so that it can stand beside others.
 * `hidden` are names that others define too, and that are therefore its own as well.
 */
export function renameLocals(text: string, suffix: string, hidden: ReadonlySet<string>): string {
  const global = globalNames(text);
  const own = [...namesOf(text, LABEL, OTHER)].filter(
    (name) => !global.has(name) || hidden.has(name),
  );
  const renamed = new Map(own.map((name) => [name, `${name}$${suffix}`]));
  return text.replace(LINE, (line, space: string, word: string, rest: string) => {
    const isWord = !word.includes(":");
    if (!isWord) return replaceNames(line, renamed);
    return `${space}${word}${replaceNames(rest, renamed)}`;
  });
}

function replaceNames(text: string, renamed: ReadonlyMap<string, string>): string {
  return text.replace(TOKENS, (token) => renamed.get(token) ?? token);
}

function namesOf(text: string, ...patterns: readonly RegExp[]): Set<string> {
  const names = new Set<string>();
  for (const pattern of patterns) {
    for (const [, name = ""] of text.matchAll(pattern)) names.add(name);
  }
  return names;
}
