import { FAILING, SKIPPED, SKIPPED_SILENTLY } from "./swift-expected.ts";

/** How a test of Swift ended. */
export interface SwiftResult {
  /** As in `tests.py::TestFile::testCopy`. */
  readonly test: string;
  readonly outcome: "passed" | "failed" | "skipped";
  readonly reason?: string;
}

/** What the results of some tests come to, beside what the tables say. */
export interface Verdict {
  readonly passed: number;
  /** As the tables say. */
  readonly failed: number;
  /** As the tables say. */
  readonly skipped: number;
  /** In words, a line each. */
  readonly surprises: readonly string[];
}

/** Compares results with the tables. A test that failed twice, in itself and behind, is one. */
export function judgeResults(results: readonly SwiftResult[]): Verdict {
  const byTest = new Map<string, SwiftResult>();
  for (const result of results) {
    if (byTest.get(result.test)?.outcome !== "failed") byTest.set(result.test, result);
  }
  const all = [...byTest.values()].map((result) => ({ ...result, surprise: surpriseOf(result) }));
  const surprises = all.flatMap(({ surprise }) => surprise ?? []);
  const count = (which: SwiftResult["outcome"]): number =>
    all.filter(({ outcome, surprise }) => outcome === which && surprise === undefined).length;
  return { passed: count("passed"), failed: count("failed"), skipped: count("skipped"), surprises };
}

/** Lines of the tables that no test is like: nobody needs them. */
export function unusedLines(results: readonly SwiftResult[]): string[] {
  const names = [...Object.keys(FAILING), ...Object.keys(SKIPPED_SILENTLY)];
  const unused = names.filter((line) => !results.some(({ test }) => isLike(test, line)));
  const reasons = results.map(({ reason }) => reason);
  return [...unused, ...Object.keys(SKIPPED).filter((line) => !reasons.includes(said(line)))];
}

function surpriseOf({ test, outcome, reason = "" }: SwiftResult): string | undefined {
  const why = reasonIn(FAILING, test);
  if (outcome === "failed") return why === undefined ? `${test} failed: ${reason}` : undefined;
  if (outcome === "passed") {
    return why === undefined ? undefined : `${test} passed, take it out of the table: ${why}`;
  }
  const isKnown = Object.keys(SKIPPED).some((line) => reason === said(line));
  if (isKnown || reasonIn(SKIPPED_SILENTLY, test) !== undefined) return undefined;
  return `${test} was skipped: ${reason}`;
}

function said(reason: string): string {
  return `Skipped: ${reason}`;
}

function reasonIn(table: Readonly<Record<string, string>>, test: string): string | undefined {
  return Object.entries(table).find(([line]) => isLike(test, line))?.[1];
}

function isLike(test: string, line: string): boolean {
  const [begin = "", ...rest] = line.split("*");
  const end = rest.at(-1) ?? "";
  const isLong = test.length >= begin.length + end.length;
  return rest.length === 0 ? test === line : isLong && test.startsWith(begin) && test.endsWith(end);
}
