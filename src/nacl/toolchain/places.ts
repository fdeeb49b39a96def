/** A text as it is assembled, and what it was made of. */
export interface PlacedText {
  /** Of its file, for messages. */
  readonly name: string;
  readonly text: string;
  /** Labels before and behind inline assembly: where it stands in C, or nothing behind it. */
  readonly sources: ReadonlyMap<string, string | undefined>;
}

const LABEL = /^([A-Za-z_.$][\w.$]*):/;

/** Says where in the files of a program a line or an address of its assembly comes from. */
export class Places {
  readonly #texts: readonly PlacedText[];

  /** @param texts in the order in which they are joined; each ends with a line feed */
  constructor(texts: readonly PlacedText[]) {
    this.#texts = texts;
  }

  /** @param line of the joined text, counted from 1 */
  ofLine(line: number): string {
    let start = 0;
    for (const text of this.#texts) {
      const lines = text.text.split("\n");
      if (line <= start + lines.length - 1) return placeAt(text, lines, line - start);
      start += lines.length - 1;
    }
    return "the program";
  }

  /** @param symbols addresses of all labels */
  ofAddress(symbols: ReadonlyMap<string, number>, address: number): string {
    let best = -1;
    let place = "the program";
    for (const text of this.#texts) {
      const lines = text.text.split("\n");
      for (const [at, line] of lines.entries()) {
        const label = LABEL.exec(line)?.[1];
        const found = label === undefined ? undefined : symbols.get(label);
        if (found === undefined || found > address || found < best) continue;
        best = found;
        place = placeAt(text, lines, at + 1);
      }
    }
    return place;
  }
}

/** The file, with the line in C of inline assembly, and the function or variable. */
function placeAt({ name, sources }: PlacedText, lines: readonly string[], count: number): string {
  let where: string | undefined;
  let isSourceKnown = false;
  for (let at = count - 1; at >= 0; at--) {
    const label = LABEL.exec(lines[at] ?? "")?.[1];
    if (label === undefined) continue;
    if (sources.has(label) && !isSourceKnown) {
      where = sources.get(label);
      isSourceKnown = true;
    }
    if (!label.startsWith(".L")) return `${where ?? name}, in ${label.replace(/\$.*$/, "")}`;
  }
  return where ?? name;
}
