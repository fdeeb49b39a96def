import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, test, vi } from "vitest";
import { archive } from "../../../test/support/archive.ts";
import { captured } from "../../../test/support/captured.ts";
import { zerovm } from "../../../test/support/command-line.ts";
import { workInOwnFolder } from "../../../test/support/temporary-folder.ts";
import { parseAccounts } from "../../zerocloud/auth/index.ts";

workInOwnFolder(() => undefined);

describe("zerovm config check", () => {
  test("says that nothing is wrong", async () => {
    writeFileSync("server.yaml", "port: 80\n");
    const { status, stdout, stderr } = await captured(["config", "check", "server.yaml"]);
    expect([status, stdout, stderr]).toEqual([0, "server.yaml: 0 errors\n", ""]);
  });

  test("shows every finding with its place, what is right and what was meant", async () => {
    writeFileSync("server.yaml", "prot: 80\nmetrics: 1\n");
    const { status, stderr } = await captured(["config", "check", "server.yaml"]);
    expect(status).toBe(1);
    expect(stderr).toMatch(/^server.yaml:1:1: error: There is no key prot; expected one of data, /);
    expect(stderr).toContain("did you mean port?");
    expect(stderr).toContain(
      "server.yaml:2:10: error: metrics: 1 is not a value for it; expected true or false\n",
    );
  });

  test("shows the other findings beside a key that is there twice, and beside an alias", async () => {
    writeFileSync(
      "server.yaml",
      "port: 80\nprot: 81\nport: x\nlimits:\n  objectBytes: -1\n  objectBytes: 1\n" +
        "host: &a b\nlog: {level: *a, form: odd}\n",
    );
    const { status, stdout, stderr } = await captured(["config", "check", "server.yaml"]);
    expect([status, stdout]).toEqual([1, "server.yaml: 7 errors\n"]);
    const told = stderr.match(/(?<=^server\.yaml:)\d+:\d+: error: [\w.]+( keys| are)?/gm);
    expect(told).toEqual([
      "2:1: error: There",
      "3:1: error: Map keys",
      "3:7: error: port",
      "5:16: error: limits.objectBytes",
      "6:3: error: Map keys",
      "8:14: error: There are",
      "8:24: error: log.form",
    ]);
  });

  test("opens the images that it names, and shows those that are none with their lines", async () => {
    mkdirSync("etc");
    writeFileSync("etc/good.tar", archive([["a", "1"]]));
    writeFileSync("etc/good.tgz", gzipSync(archive([["a", "1"]])));
    writeFileSync("etc/text.tar", "this is no archive at all\n".repeat(100));
    writeFileSync(
      "etc/server.yaml",
      "port: 1\nimages:\n  a: good.tar\n  b: good.tgz\n  c: text.tar\n  d: none.tar\n  e: .\n",
    );
    const { status, stdout, stderr } = await captured(["config", "check", "etc/server.yaml"]);
    expect([status, stdout]).toEqual([1, "etc/server.yaml: 3 errors\n"]);
    const lines = stderr.trim().split("\n");
    expect(lines).toEqual([
      expect.stringMatching(/^etc\/server\.yaml:5:6: error: images\.c: .*text\.tar/),
      expect.stringMatching(/^etc\/server\.yaml:6:6: error: images\.d: .*none\.tar/),
      expect.stringMatching(/^etc\/server\.yaml:7:6: error: images\.e: .*etc/),
    ]);
  });

  test("prints findings as JSON", async () => {
    writeFileSync("server.yaml", "port: x");
    const { status, stdout } = await captured(["config", "check", "--json", "server.yaml"]);
    expect(status).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      file: "server.yaml",
      findings: [{ path: "port", line: 1, column: 7, severity: "error" }],
    });
  });

  test("names a file that is not there or no text", async () => {
    writeFileSync("server.yaml", Buffer.from([0xff]));
    mkdirSync("folder");
    for (const file of ["server.yaml", "other.yaml", "folder"]) {
      const { status, stderr } = await captured(["config", "check", file]);
      expect(status).toBe(125);
      expect(stderr).toContain(file);
    }
  });
});

describe("zerovm config show", () => {
  test("shows what holds and where it came from", async () => {
    writeFileSync("server.yaml", "data: store\nlimits: {objectBytes: 1G}\n");
    vi.stubEnv("ZEROVM_SERVE_PORT", "81");
    const { status, stdout } = await captured(["config", "show", "--config", "server.yaml"]);
    vi.unstubAllEnvs();
    expect(status).toBe(0);
    const rows = stdout.split("\n").map((line) => line.split(/ {2,}/));
    expect(rows).toContainEqual(["data", `"${join(process.cwd(), "store")}"`, "server.yaml:1"]);
    expect(rows).toContainEqual(["limits.objectBytes", "1073741824", "server.yaml:2"]);
    expect(rows).toContainEqual(["port", "81", "ZEROVM_SERVE_PORT"]);
    expect(rows).toContainEqual(["auth.file", "-", "default"]);
  });

  test("shows findings of the environment too", async () => {
    vi.stubEnv("ZEROVM_SERVE_PROT", "81");
    const { status, stderr } = await captured(["config", "show"]);
    const json = await captured(["config", "show", "--json"]);
    vi.unstubAllEnvs();
    expect([status, json.status]).toEqual([1, 1]);
    expect(stderr).toContain("There is no variable ZEROVM_SERVE_PROT");
    expect(JSON.parse(json.stdout).findings).toHaveLength(1);
  });
});

describe("zerovm config key", () => {
  test("prints a hash that an accounts file takes", async () => {
    const cwd = process.cwd();
    const { status, stdout } = await zerovm(["config", "key"], { cwd, input: "secret\n" });
    expect(status).toBe(0);
    const { users } = parseAccounts(`[tempauth]\nuser_a_b = ${stdout}`);
    expect(users.get("a:b")?.key.kind).toBe("scrypt");
    const none = await zerovm(["config", "key"], { cwd, input: "\n" });
    expect(none.status).toBe(125);
  });
});

test("zerovm config says what it needs", async () => {
  for (const args of [[], ["check"], ["show", "x"], ["mend"], ["check", "a", "b"]]) {
    const { status, stderr } = await captured(["config", ...args]);
    expect(status).toBe(125);
    expect(stderr).toContain("zerovm config: say check FILE, show or key");
  }
});
