import { defineConfig } from "vitest/config";
import { PlainSummaryReporter } from "./tools/vitest/plain-summary.ts";

/** Tests that start the built command line or cell, and therefore need a `dist` of today. */
const BUILT = [
  "test/**/*.test.ts",
  "src/index.test.ts",
  "src/cli/**/*.test.ts",
  "src/zerovm/session/**/*.test.ts",
  "src/**/*.e2e.test.ts",
];

const NEVER = ["test/suites/**", "node_modules/**", "dist/**"];

export default defineConfig({
  test: {
    testTimeout: 120_000,
    hookTimeout: 240_000,
    maxWorkers: 2,
    // The long run tries a failed test again, and its end names those that passed only then.
    retry: Number(process.env["ZEROVM_TEST_RETRIES"] ?? 0),
    // What a test waits for comes at once or never; on a busy machine "at once" takes a while.
    expect: { poll: { timeout: 30_000, interval: 20 } },
    reporters: ["default", new PlainSummaryReporter()],
    coverage: { provider: "v8", exclude: ["**/*.test.ts"], reporter: ["text", "json-summary"] },
    projects: [
      {
        extends: true,
        test: {
          name: "unit",
          include: ["src/**/*.test.ts", "tools/**/*.test.ts"],
          exclude: [...NEVER, ...BUILT],
        },
      },
      {
        extends: true,
        test: {
          name: "built",
          include: BUILT,
          exclude: NEVER,
          globalSetup: ["tools/vitest/build-dist.ts"],
        },
      },
    ],
  },
});
