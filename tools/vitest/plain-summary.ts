import { writeSync } from "node:fs";
import type { Reporter, SerializedError, TestModule, Vitest } from "vitest/node";
import { SUITES_LEFT_OUT } from "../suites.ts";

export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** `12 passed, 0 failed`, and what was skipped where something was. */
export function formatCounts(counts: Counts): string {
  const skipped = counts.skipped === 0 ? "" : `, ${counts.skipped} skipped`;
  return `${counts.passed} passed, ${counts.failed} failed${skipped}`;
}

/** What vitest tells of one test: its name, how it ended, and the reason given to `skip`. */
interface Ended {
  readonly name: string;
  readonly state: "passed" | "failed" | "skipped" | "pending";
  readonly note: string | undefined;
}

/** The lines for people: each skipped test, each suite left out, and last the plain count. */
export function formatSummary(tests: readonly Ended[], failuresElsewhere: number): string[] {
  const count = (state: Ended["state"]) => tests.filter((test) => test.state === state).length;
  const skipped = tests.filter((test) => test.state === "skipped");
  const lines = skipped.map((test) => `skipped: ${test.name}${test.note ? ` (${test.note})` : ""}`);
  // A test that never ended is none that passed.
  const failed = count("failed") + count("pending") + failuresElsewhere;
  return [...lines, formatCounts({ passed: count("passed"), failed, skipped: skipped.length })];
}

function endedTests(module: TestModule): Ended[] {
  return [...module.children.allTests()].map((test) => {
    const result = test.result();
    const note = result.state === "skipped" ? result.note : undefined;
    return { name: test.fullName, state: result.state, note };
  });
}

/** A file that failed as a whole, because it could not be loaded or a hook threw. */
function failedWithoutTest(module: TestModule): boolean {
  const failedTests = endedTests(module).some((test) => test.state === "failed");
  return module.state() === "failed" && !failedTests;
}

/** Prints the count of tests as the very last line of a run, after vitest's own summary. */
export class PlainSummaryReporter implements Reporter {
  #vitest: Vitest | undefined;

  onInit(vitest: Vitest): void {
    this.#vitest = vitest;
  }

  onTestRunEnd(modules: readonly TestModule[], errors: readonly SerializedError[]): void {
    const failuresElsewhere = modules.filter(failedWithoutTest).length + errors.length;
    const lines = formatSummary(modules.flatMap(endedTests), failuresElsewhere);
    // Under `npm test` it is the whole run that ends here; else someone chose some tests.
    if (process.env["npm_lifecycle_event"] === "test") {
      lines.splice(-1, 0, ...SUITES_LEFT_OUT.map(formatSuite));
    } else {
      lines.splice(0, lines.length - 1);
    }
    const text = `${lines.join("\n")}\n`;
    // Coverage is printed after this event; only the exit comes after everything.
    if (this.#vitest?.config.watch === true) writeSync(1, text);
    else process.once("exit", () => writeSync(1, text));
  }
}

function formatSuite(suite: { script: string; why: string }): string {
  return `left out: npm run ${suite.script} (${suite.why})`;
}
