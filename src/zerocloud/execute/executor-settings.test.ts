import { expect, test } from "vitest";
import { resolveConfig, type ServerConfig } from "../config/index.ts";
import { executorSettings } from "./executor-settings.ts";

function configOf(text: string): ServerConfig {
  const file = { path: "server.yaml", text };
  const { config, findings } = resolveConfig({ file, folder: import.meta.dirname });
  if (config === undefined) throw new Error(JSON.stringify(findings));
  return config;
}

test("every key of jobs, the images and the targets of debug come to settings", () => {
  const own = import.meta.filename;
  const settings = executorSettings(
    configOf(
      JSON.stringify({
        jobs: {
          timeoutSeconds: 3,
          memoryBytes: "1M",
          fuel: 5,
          maxconfig: 2048,
          nodes: 7,
          runningPerAccount: 8,
          queuedPerAccount: 9,
          pools: "default = WaitPool(1, 2)",
          warmCells: 4,
        },
        images: { python: own },
        debug: { targets: ["tcp:localhost:80"] },
      }),
    ),
  );
  expect(settings).toMatchObject({
    timeoutSeconds: 3,
    memoryBytes: 2 ** 20,
    fuel: 5,
    jobLimits: { "job-bytes": 2048, nodes: 7 },
    runningPerAccount: 8,
    queuedPerAccount: 9,
    pools: [{ name: "default", kind: "WaitPool", runningMax: 1, newerMax: 2 }],
    warmCells: 4,
    systemImages: new Map([["python", own]]),
    debugTargets: ["localhost:80"],
    chain: { jobBytes: 2048 },
  });
});

test("an image that cannot be read is found when the server starts", () => {
  expect(() => executorSettings(configOf("images: { python: nowhere.tar }"))).toThrow(
    /^images\.python: .*nowhere\.tar cannot be read$/,
  );
});
