import { globalNames, weakNames, withoutDefinitions } from "./join.ts";

/**
 * The texts of a program with one definition of each name that some of them define weakly: the one
 * that is not weak, else the first. Of others that are not weak each stays.
 */
export function withoutWeakRivals(texts: readonly string[]): string[] {
  const weak = texts.map(weakNames);
  const defined = texts.map(globalNames);
  const taken = new Map<string, number>();
  for (const isWeak of [false, true]) {
    for (const [at, names] of defined.entries()) {
      for (const name of names) {
        if (weak[at]?.has(name) === isWeak && !taken.has(name)) taken.set(name, at);
      }
    }
  }
  return texts.map((text, at) => {
    const beaten = [...(weak[at] ?? [])].filter((name) => (taken.get(name) ?? at) !== at);
    return withoutDefinitions(text, new Set(beaten));
  });
}

/** What nobody defines of the names that texts need only weakly: each of them is a null. */
export function missingWeakNames(texts: readonly string[]): string {
  const defined = new Set(texts.flatMap((text) => [...globalNames(text)]));
  const wanted = new Set(texts.flatMap((text) => [...weakNames(text)]));
  const missing = [...wanted].filter((name) => !defined.has(name));
  return missing.map((name) => `.set ${name}, 0\n`).join("");
}
