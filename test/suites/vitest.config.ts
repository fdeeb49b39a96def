import { defineConfig } from "vitest/config";
import { PlainSummaryReporter } from "../../tools/vitest/plain-summary.ts";

/** Suites that need programs of Debian; each is a folder here, and `npm test` leaves them out. */
export default defineConfig({
  test: {
    include: ["test/suites/**/*.test.ts"],
    testTimeout: 120_000,
    hookTimeout: 240_000,
    maxWorkers: 2,
    retry: Number(process.env["ZEROVM_TEST_RETRIES"] ?? 0),
    // As in the gate: what a test waits for comes at once or never.
    expect: { poll: { timeout: 30_000, interval: 20 } },
    reporters: ["default", new PlainSummaryReporter()],
  },
});
