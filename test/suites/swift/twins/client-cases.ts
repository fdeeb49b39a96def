import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { CLUSTER_USERS } from "../../../../tools/swift/index.ts";
import { temporaryFolders } from "../../../support/temporary-folder.ts";
import { runTool } from "../../run-tool.ts";
import { at, type Case, cases, jobOf, STDOUT } from "./jobs.ts";
import type { Side } from "./side.ts";

const newFolder = temporaryFolders();

/** The command line of python-swiftclient, as it is. @returns what it prints */
async function swift(side: Side, ...args: readonly string[]): Promise<string> {
  const { name, key } = CLUSTER_USERS.tester;
  const env = { ST_AUTH: `${side.url}/auth/v1.0`, ST_USER: name, ST_KEY: key };
  return expectPrinted(await runTool("swift", args, { env }));
}

/** curl; the path is below the account. @returns what it prints */
async function curl(side: Side, path: string, ...args: readonly string[]): Promise<string> {
  const token = `X-Auth-Token: ${side.token("tester")}`;
  return expectPrinted(await runTool("curl", ["-sS", "-H", token, ...args, side.url + path], {}));
}

type Ended = Awaited<ReturnType<typeof runTool>>;

function expectPrinted({ status, stdout, stderr }: Ended): string {
  expect({ status, stderr: status === 0 ? "" : stderr }).toEqual({ status: 0, stderr: "" });
  return stdout;
}

const EXECUTE = ["-H", "X-Zerovm-Execute: 1.0"];
const JSON_JOB = ["-H", "Content-Type: application/json"];

/** A job of the library: a connection of its own for what it has no call for. */
const SCRIPT = `
import sys
from swiftclient.client import Connection, http_connection
url, key, job, container = sys.argv[1:]
swift = Connection(url, "test:tester", key)
storage, token = swift.get_auth()
parsed, connection = http_connection(storage)
headers = {"X-Auth-Token": token, "X-Zerovm-Execute": "1.0", "Content-Type": "application/json"}
connection.request("POST", parsed.path, job, headers)
answer = connection.getresponse()
print(answer.status, answer.getheader("x-nexe-system"), answer.read().decode())
print(swift.get_object(container, "out")[1].decode())
`;

/** What users have: clients of Swift that know nothing of jobs. */
export const CLIENT_CASES: readonly Case[] = cases({
  "curl posts jobs, also large ones that wait to be asked for": async (side) => {
    await side.container("c");
    await side.put("c/in", "of an object");
    const devices = [{ name: "stdin", path: at(side, "c/in") }, STDOUT];
    const file = join(newFolder(), "job.json");
    writeFileSync(file, jobOf({ program: "cat", devices }));
    const args = ["--data-binary", `@${file}`, ...EXECUTE, ...JSON_JOB];
    side.note("job", await curl(side, "/v1/AUTH_test", ...args));
    const head = await curl(side, "/v1/AUTH_test", ...args, "-D", "-", "-o", "/dev/null");
    side.note(
      "status",
      head.split("\r\n").find((line) => line.includes(" 200 ")),
    );
    const script = `#! swift://~/twin-bin/show-script\n${"x".repeat(3_000_000)}`;
    writeFileSync(file, script);
    const type = ["-H", "Content-Type: text/x-script"];
    const large = await curl(
      side,
      "/v1/AUTH_test",
      "--data-binary",
      `@${file}`,
      ...EXECUTE,
      ...type,
    );
    side.note("large", [large.length, large === script]);
  },
  "curl calls an app, and reads and stores through programs": async (side) => {
    await side.container("c");
    await side.put("c/in", "abc");
    const object = `/v1/AUTH_test/${side.name("c")}/in`;
    const program = ["-H", "X-Zerovm-Run: swift://AUTH_test/twin-bin/case"];
    side.note("read", await curl(side, object, ...program));
    const stored = `/v1/AUTH_test/${side.name("c")}/up`;
    const file = join(newFolder(), "up");
    writeFileSync(file, "x".repeat(2_000_000));
    await curl(side, stored, "-T", file, ...program);
    side.note("stored", (await curl(side, stored)) === "X".repeat(2_000_000));
  },
  "the swift command stores, sets metadata, and reads what a job wrote": async (side) => {
    const container = side.name("c");
    const file = join(newFolder(), "in.txt");
    writeFileSync(file, "uploaded");
    side.note("post", await swift(side, "post", container));
    await swift(side, "upload", container, file, "--object-name", "in.txt");
    const devices = [
      { name: "stdin", path: at(side, "c/in.txt") },
      {
        name: "stdout",
        path: at(side, "c/out.txt"),
        content_type: "text/plain",
        meta: { Key: "v" },
      },
    ];
    const job = jobOf({ program: "case", devices });
    await curl(side, "/v1/AUTH_test", "-d", job, ...EXECUTE, ...JSON_JOB);
    side.note("list", await swift(side, "list", container));
    side.note("download", await swift(side, "download", container, "out.txt", "-o", "-"));
    const stat = await swift(side, "stat", container, "out.txt");
    side.note("stat", stat.match(/(Content Type|Content Length|ETag|Meta Key): .*/g));
    const header = ["-H", "X-Zerovm-Run:swift://AUTH_test/twin-bin/case"];
    const got = await swift(side, "download", container, "out.txt", "-o", "-", ...header);
    side.note("through a program", got);
  },
  "the library of python-swiftclient posts a job": async (side) => {
    await side.container("c");
    const out = [{ name: "stdout", path: at(side, "c/out") }];
    const job = jobOf({ name: "one", program: "hello", devices: out });
    const { key } = CLUSTER_USERS.tester;
    const args = ["-c", SCRIPT, `${side.url}/auth/v1.0`, key, job, side.name("c")];
    side.note("said", expectPrinted(await runTool("/usr/bin/python3", args, {})));
  },
});
