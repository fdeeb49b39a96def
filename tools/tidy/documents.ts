import { posix } from "node:path";
import type { Finding } from "./finding.ts";
import { anchorOf, type Markdown, type MarkdownLink, readMarkdown } from "./markdown.ts";
import type { Repository } from "./repository.ts";

const DOCUMENT = /\.md$/;

/** Every document has one title, closes its fences, and its relative links lead somewhere. */
export function checkDocuments(repository: Repository): Finding[] {
  return repository.matching(DOCUMENT).flatMap(({ path, text }) => {
    const markdown = readMarkdown(text);
    return [
      ...checkTitle(path, markdown),
      ...markdown.links.flatMap((link) => checkLink(repository, path, link)),
    ];
  });
}

function checkTitle(path: string, markdown: Markdown): Finding[] {
  const titles = markdown.headings.filter((heading) => heading.level === 1).length;
  const title = titles === 1 ? [] : [{ path, message: `has ${titles} titles (#), not one` }];
  if (markdown.openFence === undefined) return title;
  return [...title, { path, line: markdown.openFence, message: "opens a code fence for good" }];
}

function checkLink(repository: Repository, path: string, link: MarkdownLink): Finding[] {
  if (/^[a-z][a-z+.-]*:/i.test(link.target)) return [];
  const { file, anchor } = resolveLink(path, link.target);
  const problem = (message: string) => [{ path, line: link.line, message }];
  if (!repository.has(file)) {
    return repository.hasFolder(file) ? [] : problem(`links to ${file}, which is not there`);
  }
  if (anchor === "" || !DOCUMENT.test(file)) return [];
  const anchors = readMarkdown(repository.text(file)).headings.map(({ text }) => anchorOf(text));
  return anchors.includes(anchor) ? [] : problem(`links to #${anchor}, no heading of ${file}`);
}

function resolveLink(path: string, target: string): { file: string; anchor: string } {
  const [part = "", anchor = ""] = target.split("#");
  const name = decodeURIComponent(part);
  if (name === "") return { file: path, anchor };
  const joined = posix.join(posix.dirname(path), name).replace(/\/$/, "");
  return { file: joined === "." ? "" : joined, anchor };
}

const INDEX = "docs/README.md";

/** Every page of `docs/` can be reached from its index, by links between the pages. */
export function checkReachable(repository: Repository): Finding[] {
  const reached = new Set<string>([INDEX]);
  for (const path of reached) {
    if (!DOCUMENT.test(path)) continue;
    for (const link of readMarkdown(repository.text(path)).links) {
      const { file } = resolveLink(path, link.target);
      if (file.startsWith("docs/") && repository.has(file)) reached.add(file);
    }
  }
  const pages = repository.files.filter((file) => file.path.startsWith("docs/"));
  return pages
    .filter((page) => !reached.has(page.path))
    .map(({ path }) => ({ path, message: `cannot be reached from ${INDEX}` }));
}

const SECTIONS = ["Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"];
const VERSION = /^\[?(\d+)\.(\d+)\.(\d+)\]? - \d{4}-\d{2}-\d{2}$/;

/** The changelog keeps the form of keepachangelog.com: versions from new to old, known sections. */
export function checkChangelog(repository: Repository): Finding[] {
  const path = "CHANGELOG.md";
  const { headings } = readMarkdown(repository.text(path));
  const versions = headings.filter(({ level }) => level === 2).map(({ text }) => text);
  const sections = headings.filter(({ level }) => level === 3).map(({ text }) => text);
  const messages = [
    ...(headings[0]?.text === "Changelog" ? [] : ['is titled "Changelog"']),
    ...(/^\[?Unreleased\]?$/.test(versions[0] ?? "") ? [] : ['begins with "Unreleased"']),
    ...versions.slice(1).flatMap(whyNoVersion),
    ...versions.slice(2).flatMap((text, index) => whyNotAfter(text, versions[index + 1] ?? "")),
    ...sections
      .filter((text) => !SECTIONS.includes(text))
      .map((text) => `has the section ${text}, not one of ${SECTIONS.join(", ")}`),
  ];
  return messages.map((message) => ({ path, message }));
}

function whyNoVersion(text: string): string[] {
  return VERSION.test(text)
    ? []
    : [`has the version "${text}", not of the form 1.2.3 - YYYY-MM-DD`];
}

function whyNotAfter(text: string, newer: string): string[] {
  const order = versionOrder(newer) - versionOrder(text);
  return order > 0 ? [] : [`has "${text}" below "${newer}"`];
}

function versionOrder(text: string): number {
  const [, major = 0, minor = 0, patch = 0] = VERSION.exec(text) ?? [];
  return Number(major) * 1e8 + Number(minor) * 1e4 + Number(patch);
}
