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

/** What vitest tells of one test: its name, how it ended, and why it was skipped or failed. */
interface Ended {
  readonly name: string;
  readonly state: "passed" | "retried" | "failed" | "skipped" | "pending";
  readonly note: string | undefined;
}

/**
 * The lines for people: each skipped test, each that passed only when it was tried again, then each
 * failed one, since the logs of a long run are often read from their end; and last the plain count.
 * `elsewhere` has failures outside of tests.
 */
export function formatSummary(tests: readonly Ended[], elsewhere: readonly string[]): string[] {
  const skipped = tests.filter((test) => test.state === "skipped");
  const retried = tests.filter((test) => test.state === "retried");
  // A test that never ended is none that passed.
  const failed = tests.filter(({ state }) => state === "failed" || state === "pending");
  const passed = tests.length - skipped.length - failed.length;
  const failures = [...failed.map(formatEnded), ...elsewhere];
  return [
    ...skipped.map((test) => `skipped: ${formatEnded(test)}`),
    ...retried.map((test) => `passed when tried again: ${formatEnded(test)}`),
    ...failures.map((failure) => `failed: ${failure}`),
    formatCounts({ passed, failed: failures.length, skipped: skipped.length }),
  ];
}

function formatEnded({ name, note }: Ended): string {
  return note ? `${name} (${note})` : name;
}

function endedTests(module: TestModule): Ended[] {
  return [...module.children.allTests()].map((test) => {
    const result = test.result();
    if (result.state === "skipped") return { name: test.fullName, ...result };
    const name = `${module.relativeModuleId} > ${test.fullName}`;
    const state = test.diagnostic()?.flaky ? "retried" : result.state;
    return { name, state, note: firstLine(result.errors) };
  });
}

function firstLine(errors: readonly SerializedError[] | undefined): string | undefined {
  return errors?.[0]?.message.split("\n", 1)[0];
}

/** Files that failed as a whole, because they could not be loaded or a hook threw. */
function failedModules(modules: readonly TestModule[]): string[] {
  return modules
    .filter((module) => module.state() === "failed")
    .filter((module) => !endedTests(module).some((test) => test.state === "failed"))
    .map((module) => `${module.relativeModuleId} (${firstLine(module.errors()) ?? "a hook"})`);
}

/** Prints the count of tests as the very last line of a run, after vitest's own summary. */
export class PlainSummaryReporter implements Reporter {
  #vitest: Vitest | undefined;

  onInit(vitest: Vitest): void {
    this.#vitest = vitest;
  }

  onTestRunEnd(modules: readonly TestModule[], errors: readonly SerializedError[]): void {
    const elsewhere = [
      ...failedModules(modules),
      ...errors.map((error) => `outside of tests (${firstLine([error])})`),
    ];
    const lines = formatSummary(modules.flatMap(endedTests), elsewhere);
    // Under `npm test` it is the whole run that ends here; else someone chose some tests.
    if (process.env["npm_lifecycle_event"] === "test") {
      lines.splice(-1, 0, ...SUITES_LEFT_OUT.map(formatSuite));
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
