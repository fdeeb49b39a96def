/** What the rules need to know of a document: its headings, links and code fences. */
export interface MarkdownLink {
  readonly target: string;
  /** 1-based. */
  readonly line: number;
}

export interface Markdown {
  readonly headings: readonly { readonly level: number; readonly text: string }[];
  readonly links: readonly MarkdownLink[];
  /** 1-based line of a code fence that is never closed. */
  readonly openFence: number | undefined;
}

const FENCE = /^ {0,3}(`{3,}|~{3,})(.*)$/;
const INLINE_LINK = /!?\[(?:[^\]\\]|\\.)*\]\(\s*<?([^)\s>]+)>?(?:\s+"[^"]*")?\s*\)/g;
const REFERENCE = /^ {0,3}\[[^\]]+\]:\s*<?(\S+?)>?\s*$/;

export function readMarkdown(text: string): Markdown {
  const headings: { level: number; text: string }[] = [];
  const links: MarkdownLink[] = [];
  let fence: { mark: string; line: number } | undefined;
  for (const [index, line] of text.split("\n").entries()) {
    const mark = FENCE.exec(line);
    if (fence !== undefined) {
      if (mark !== null && closes(fence.mark, mark)) fence = undefined;
      continue;
    }
    if (mark !== null) fence = { mark: mark[1] ?? "", line: index + 1 };
    const heading = /^(#{1,6})\s+(.*?)\s*#*$/.exec(line);
    if (heading !== null) headings.push({ level: heading[1]?.length ?? 0, text: heading[2] ?? "" });
    links.push(...linksOf(line).map((target) => ({ target, line: index + 1 })));
  }
  return { headings, links, openFence: fence?.line };
}

/** A fence is closed by one of its own kind, at least as long, with nothing behind it. */
function closes(open: string, mark: RegExpExecArray): boolean {
  const [, text = "", rest = ""] = mark;
  return text[0] === open[0] && text.length >= open.length && rest.trim() === "";
}

function linksOf(line: string): string[] {
  const prose = line.replace(/(`+)(?:(?!\1).)*\1/g, "");
  const inline = [...prose.matchAll(INLINE_LINK)].map((match) => match[1] ?? "");
  const reference = REFERENCE.exec(prose)?.[1];
  return reference === undefined ? inline : [...inline, reference];
}

/** The anchor that a heading gets: lower case, marks dropped, spaces to dashes. */
export function anchorOf(heading: string): string {
  const words = heading.replace(/\[([^\]]*)\]\([^)]*\)/g, "$1").toLowerCase();
  return words.replace(/[^\p{L}\p{N}\s_-]/gu, "").replace(/\s/g, "-");
}
