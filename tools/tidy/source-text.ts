/**
 * Just enough of TypeScript's grammar to tell code from comments, strings, templates and regular
 * expressions. The rules look for words in code; a word in a sentence is none of their business.
 */

/** What a source file imports, and where it says so. */
export interface ImportStatement {
  readonly specifier: string;
  /** 1-based. */
  readonly line: number;
}

/** After these words a slash begins a regular expression, after other words it divides. */
const BEFORE_EXPRESSION =
  /(?:^|[^\w$.])(?:return|typeof|case|in|of|void|delete|throw|new|else|do|await|yield)$/;

/**
 * The same text with the contents of comments, strings, templates and regular expressions blanked
 * out: same length, same lines, quotes kept. Code inside `${…}` of a template stays.
 */
export function maskSource(text: string): string {
  return new Masker(text, false).mask();
}

/** As `maskSource`, but comments stay. */
export function maskStrings(text: string): string {
  return new Masker(text, true).mask();
}

class Masker {
  readonly #text: string;
  readonly #commentsStay: boolean;
  #masked = "";
  #at = 0;
  /** For each open template expression, the number of braces open inside it. */
  readonly #templateBraces: number[] = [];

  constructor(text: string, commentsStay: boolean) {
    this.#text = text;
    this.#commentsStay = commentsStay;
  }

  mask(): string {
    while (this.#at < this.#text.length) this.#step();
    return this.#masked;
  }

  #step(): void {
    const here = this.#text[this.#at] ?? "";
    const next = this.#text[this.#at + 1];
    if (here === "/" && next === "/") this.#comment(this.#find("\n"));
    else if (here === "/" && next === "*") this.#comment(this.#find("*/", 2) + 2);
    else if (here === '"' || here === "'") this.#string(here);
    else if (here === "`") this.#template();
    else if (here === "/" && this.#expectsExpression()) this.#regularExpression();
    else if (here === "{" || here === "}") this.#brace(here);
    else this.#keep(1);
  }

  #find(wanted: string, skip = 0): number {
    const found = this.#text.indexOf(wanted, this.#at + skip);
    return found === -1 ? this.#text.length : found;
  }

  #keep(count: number): void {
    this.#masked += this.#text.slice(this.#at, this.#at + count);
    this.#at += count;
  }

  #blankUntil(end: number): void {
    const part = this.#text.slice(this.#at, Math.min(end, this.#text.length));
    this.#masked += part.replace(/[^\n]/g, " ");
    this.#at += part.length;
  }

  #comment(end: number): void {
    if (this.#commentsStay) this.#keep(end - this.#at);
    else this.#blankUntil(end);
  }

  #string(quote: string): void {
    this.#keep(1);
    let end = this.#at;
    while (end < this.#text.length && this.#text[end] !== quote && this.#text[end] !== "\n") {
      end += this.#text[end] === "\\" ? 2 : 1;
    }
    this.#blankUntil(end);
    this.#keep(1);
  }

  /** Blanks a template from its backtick, or from the end of an expression in it. */
  #template(): void {
    this.#keep(1);
    let end = this.#at;
    while (end < this.#text.length && this.#text[end] !== "`") {
      if (this.#text.startsWith("${", end)) {
        this.#blankUntil(end);
        this.#keep(2);
        this.#templateBraces.push(0);
        return;
      }
      end += this.#text[end] === "\\" ? 2 : 1;
    }
    this.#blankUntil(end);
    this.#keep(1);
  }

  #brace(brace: string): void {
    const open = this.#templateBraces.pop();
    if (brace === "}" && open === 0) {
      this.#template();
      return;
    }
    if (open !== undefined) this.#templateBraces.push(open + (brace === "{" ? 1 : -1));
    this.#keep(1);
  }

  #expectsExpression(): boolean {
    const before = this.#masked.trimEnd();
    const last = before.at(-1);
    if (last === undefined || "(,=:[!&|?{;+-*%<>~^".includes(last)) return true;
    return BEFORE_EXPRESSION.test(before.slice(-12));
  }

  #regularExpression(): void {
    this.#keep(1);
    let end = this.#at;
    let inClass = false;
    while (end < this.#text.length && this.#text[end] !== "\n") {
      const here = this.#text[end];
      if (here === "/" && !inClass) break;
      if (here === "[") inClass = true;
      if (here === "]") inClass = false;
      end += here === "\\" ? 2 : 1;
    }
    this.#blankUntil(end);
    this.#keep(1);
  }
}

/** `import … from "x"`, `export … from "x"`, `import "x"`, `import("x")`, in the masked text. */
const IMPORT_FORMS = [
  /\b(?:import|export)\s+[\w$*{}\s,]*?\bfrom\s*(["']) *\1/g,
  /\bimport\s*(["']) *\1/g,
  /\bimport\s*\(\s*(["']) *\1/g,
];

export function importsOf(text: string): ImportStatement[] {
  const masked = maskSource(text);
  const found = IMPORT_FORMS.flatMap((form) => [...masked.matchAll(form)]);
  return found
    .map((match) => {
      const end = match.index + match[0].length - 1;
      const start = masked.lastIndexOf(match[1] ?? '"', end - 1);
      const line = (text.slice(0, end).match(/\n/g)?.length ?? 0) + 1;
      return { end, statement: { specifier: text.slice(start + 1, end), line } };
    })
    .sort((a, b) => a.end - b.end)
    .map(({ statement }) => statement);
}
