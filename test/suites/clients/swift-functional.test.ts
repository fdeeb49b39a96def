/**
 * The functional tests of OpenStack Swift itself, as they are, against `zerovm serve`. Which of
 * them it does not pass, and why, is in `swift-expected.ts`.
 */
import { readdirSync, readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { CloudProcess, USERS } from "../../support/cloud-process.ts";
import { runTool } from "../run-tool.ts";
import { LEFT_OUT } from "./swift-expected.ts";
import { openSwiftTests, type SwiftTests } from "./swift-source.ts";
import { judgeResults, type SwiftResult, unusedLines } from "./swift-verdict.ts";

/** Tests that run one after another, on a server of their own. */
const GROUPS: readonly (readonly [string, (tests: SwiftTests) => string[]])[] = [
  ["objects", () => ["tests.py", "-k", "TestFile"]],
  ["accounts and containers", () => ["tests.py", "-k", "not TestFile"]],
  ["large objects and all others", otherFiles],
];

/** Of one group: about a minute where a processor is free for it. */
const GROUP_MS = 600_000;

/** Fetched once, by the first that asks; who asks later is told of the same failure. */
let fetching: Promise<SwiftTests> | undefined;

function swiftTests(): Promise<SwiftTests> {
  fetching ??= openSwiftTests();
  return fetching;
}

/** Of each group that ran, by its name. */
const results = new Map<string, readonly SwiftResult[]>();

afterAll(async () => {
  const tests = await fetching?.catch(() => undefined);
  if (tests === undefined) return;
  await tests.close();
  const { passed, failed, skipped, surprises } = judgeResults([...results.values()].flat());
  const others = `${failed} failed and ${skipped} were skipped as the tables say`;
  const against = `${surprises.length} ended against them`;
  console.log(`functional tests of ${tests.release}: ${passed} passed, ${others}, ${against}`);
});

describe("functional tests of OpenStack Swift", () => {
  it.concurrent.each(GROUPS)(
    "pass, but for those that the tables name: %s",
    async (name, selection) => {
      const tests = await swiftTests();
      const group = await runGroup(tests, selection(tests));
      results.set(name, group);
      expect(judgeResults(group).surprises).toEqual([]);
    },
    GROUP_MS,
  );

  it("are all that the tables name", async () => {
    const files = filesOf(await swiftTests());
    expect(Object.keys(LEFT_OUT).filter((name) => !files.includes(name))).toEqual([]);
    expect(unusedLines([...results.values()].flat())).toEqual([]);
  });
});

function otherFiles(tests: SwiftTests): string[] {
  return filesOf(tests).filter((name) => name !== "tests.py" && LEFT_OUT[name] === undefined);
}

function filesOf({ folder }: SwiftTests): string[] {
  const names = readdirSync(join(folder, "test/functional"));
  return names.filter((name) => /^tests?(?:_.*)?\.py$/.test(name));
}

async function runGroup(
  { folder }: SwiftTests,
  [...args]: readonly string[],
): Promise<SwiftResult[]> {
  const cloud = await CloudProcess.start({ accounts: "user_test_tester3 = testing3\n" });
  try {
    const config = join(folder, `${cloud.port}.conf`);
    const written = join(folder, `${cloud.port}.json`);
    await writeFile(config, configOf(`${cloud.url}/auth/v1.0`));
    const paths = args.map((arg) => (arg.endsWith(".py") ? `test/functional/${arg}` : arg));
    const options = ["-m", "pytest", "-p", "no:cacheprovider", "-p", "swift_results", "-q"];
    const { status, stdout, stderr } = await runTool("/usr/bin/python3", [...options, ...paths], {
      cwd: folder,
      env: {
        PYTHONPATH: import.meta.dirname,
        PYTHONDONTWRITEBYTECODE: "1",
        SWIFT_TEST_CONFIG_FILE: config,
        ZEROVM_RESULTS: written,
      },
    });
    // 1 says that tests failed, which the results say better.
    if (status !== 0 && status !== 1)
      throw new Error(`pytest ended with ${status}: ${stdout}${stderr}`);
    return readFileSync(written, "utf8")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
  } finally {
    await cloud.stop();
  }
}

/** Users in the form that Swift's tests are told of them. */
function configOf(authUrl: string): string {
  const [account, username] = USERS.first.name.split(":");
  const [account2, username2] = USERS.second.name.split(":");
  return [
    "[func_test]",
    `auth_uri = ${authUrl}`,
    `account = ${account}`,
    `username = ${username}`,
    `password = ${USERS.first.key}`,
    `account2 = ${account2}`,
    `username2 = ${username2}`,
    `password2 = ${USERS.second.key}`,
    "username3 = tester3",
    "password3 = testing3",
    "",
  ].join("\n");
}
