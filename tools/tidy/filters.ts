import type { Finding } from "./finding.ts";
import type { Repository } from "./repository.ts";

/** The filters in Swift's pipelines only pass on; what decides is written in TypeScript. */
const LINES_MAX = 600;
const COLUMNS_MAX = 100;
const FUNCTION_LINES_MAX = 40;
const FILTERS = "swift/zerocloud";

const PYTHON = /^swift\/.*\.py$/;
const FILTER = new RegExp(`^${FILTERS}/.*\\.py$`);

/** All lines of the two filters count together, but for those that are empty. */
export function checkFilterLines(repository: Repository): Finding[] {
  const lines = repository
    .matching(FILTER)
    .flatMap(({ text }) => text.split("\n"))
    .filter((line) => line.trim() !== "");
  if (lines.length < LINES_MAX) return [];
  const message = `has ${lines.length} lines, and may have less than ${LINES_MAX}: make them do less`;
  return [{ path: FILTERS, message }];
}

/** Python for Swift is as short as the rest, and says what it is there for. */
export function checkPython(repository: Repository): Finding[] {
  return repository.matching(PYTHON).flatMap(({ path, text }) => {
    const lines = text.split("\n");
    const long = lines.flatMap((line, at) => {
      if (line.length <= COLUMNS_MAX) return [];
      const message = `has ${line.length} columns, ${COLUMNS_MAX} are the most`;
      return [{ path, line: at + 1, message }];
    });
    const silent = text.startsWith('"""') ? [] : [{ path, line: 1, message: "has no docstring" }];
    return [...silent, ...long, ...longFunctions(path, lines)];
  });
}

function longFunctions(path: string, lines: readonly string[]): Finding[] {
  return lines.flatMap((line, at) => {
    const indent = /^( *)def /.exec(line)?.[1]?.length;
    if (indent === undefined) return [];
    const rest = lines.slice(at + 1);
    const next = rest.findIndex((one) => one.trim() !== "" && one.search(/\S/) <= indent);
    const body = next === -1 ? rest : rest.slice(0, next);
    const lineCount = body.join("\n").trimEnd().split("\n").length + 1;
    if (lineCount <= FUNCTION_LINES_MAX) return [];
    const message = `has a function of ${lineCount} lines, ${FUNCTION_LINES_MAX} are the most`;
    return [{ path, line: at + 1, message }];
  });
}
