import type { Finding } from "./finding.ts";
import type { LongFile } from "./ratchet.ts";
import type { Repository, TextFile } from "./repository.ts";
import { maskStrings } from "./source-text.ts";

const LINES_AIM = 300;
const LINES_MAX = 500;
const COLUMNS_MAX = 100;
const FILE_BYTES_MAX = 256 * 1024;

const CODE = /\.(ts|mjs|js)$/;
const TEST = /\.(test|contract)\.ts$/;

/** Files of code stay short; the table holds the few that do not, and what they may grow to. */
export function checkFileLengths(
  repository: Repository,
  longFiles: Readonly<Record<string, LongFile>>,
): Finding[] {
  const files = repository.matching(CODE);
  const gone = Object.keys(longFiles).filter((path) => !repository.has(path));
  return [
    ...files.flatMap((file) => {
      const message = whyTooLong(file, longFiles[file.path]);
      return message === undefined ? [] : [{ path: file.path, message }];
    }),
    ...gone.map((path) => ({ path, message: "does not exist: take it out of the ratchet" })),
  ];
}

function whyTooLong(file: TextFile, listed: LongFile | undefined): string | undefined {
  const lineCount = file.text.split("\n").length - 1;
  if (lineCount > LINES_MAX) return `has ${lineCount} lines, ${LINES_MAX} are the most: split it`;
  if (listed !== undefined) {
    if (lineCount <= LINES_AIM) return "is short again: take it out of the ratchet";
    if (lineCount > listed.linesMax) return `grew to ${lineCount} lines, from ${listed.linesMax}`;
    return undefined;
  }
  if (lineCount <= LINES_AIM || TEST.test(file.path)) return undefined;
  return `has ${lineCount} lines, the aim is ${LINES_AIM}: split it, or list it with a reason`;
}

/** Lines of code and comments fit into 100 columns; strings and addresses may run on. */
export function checkLineLengths(repository: Repository): Finding[] {
  return repository.matching(CODE).flatMap(({ path, text }) => {
    const lines = text.split("\n");
    if (lines.every((line) => line.length <= COLUMNS_MAX)) return [];
    const masked = maskStrings(text).split("\n");
    return lines.flatMap((line, index) => {
      if (line.length <= COLUMNS_MAX || /https?:\/\//.test(line)) return [];
      // What stands between quotes was blanked, and does not count.
      const counted = (masked[index] ?? "").replace(/(["'`/}]) +(?=["'`/$])/g, "$1").trimEnd();
      if (counted.length <= COLUMNS_MAX) return [];
      const message = `has ${line.length} columns, ${COLUMNS_MAX} are the most`;
      return [{ path, line: index + 1, message }];
    });
  });
}

/** Git holds texts of a moderate size: no binaries, which nobody can review, and no bulk. */
export function checkContents(repository: Repository): Finding[] {
  return repository.files.flatMap(({ path, sizeBytes, text }) => {
    if (text === undefined) return [{ path, message: "is no text: make it in a test instead" }];
    if (sizeBytes <= FILE_BYTES_MAX) return [];
    const kibibytes = Math.ceil(sizeBytes / 1024);
    return [{ path, message: `has ${kibibytes} KiB, ${FILE_BYTES_MAX / 1024} are the most` }];
  });
}
