import { execFileSync } from "node:child_process";
import { linkSync, readdirSync, symlinkSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { makeTree, temporaryFolders } from "../../../test/support/temporary-folder.ts";
import { identityOf } from "../session/index.ts";
import { accessProblem, lookAt, reasonOf } from "./host-look.ts";
import { judgeGrants, type PlannedGrant } from "./judge-grants.ts";

const newFolder = temporaryFolders();
let folder = "";

beforeEach(() => {
  folder = newFolder();
  makeTree(folder, { "a.csv": "", "t.tar": "", "p.wasm": "", "d/": "" });
  execFileSync("mkfifo", [join(folder, "pipe")]);
});

function grant(use: PlannedGrant["use"], name: string, writes = false): PlannedGrant {
  const path = name.startsWith("/") ? name : join(folder, name);
  return { origin: `${use} ${name}`, path, use, writes };
}

function judged(...grants: PlannedGrant[]): string {
  try {
    judgeGrants(grants, join(folder, "p.wasm"));
    return "";
  } catch (error) {
    return (error as Error).message.replaceAll(folder, "FOLDER");
  }
}

describe("what is not there or not allowed", () => {
  test.each<[PlannedGrant["use"], string, string]>([
    ["read", "a.csv", ""],
    ["read", "pipe", ""],
    ["read", "/dev/null", ""],
    ["write", "a.csv", ""],
    ["write", "new", ""],
    ["write", "pipe", ""],
    ["export", "new.tar", ""],
    ["export", "t.tar", ""],
    ["image", "absent.tar", "there is no such file"],
    ["image", "d", "it is a folder; grant it with '--dir FOLDER/d'"],
    ["channel", "absent", ""],
    ["read", "absent", "there is no such file"],
    ["read", "a.csv/x", "not a directory"],
    ["read", "d", "it is a folder; grant it with '--dir FOLDER/d'"],
    ["write", "d", "it is a folder; grant it with '--dir FOLDER/d'"],
    ["export", "d", "it is a folder; an export is a tar file"],
    ["write", "absent/new", "there is no folder FOLDER/absent"],
    ["write", "a.csv/new", "there is no folder FOLDER/a.csv"],
    ["export", "absent/new", "there is no folder FOLDER/absent"],
    ["write", "x".repeat(300), "name too long"],
  ])("%s %s: %s", (use, name, problem) => {
    const given = `${use} ${name}`;
    expect(judged(grant(use, name))).toBe(problem && `Cannot grant '${given}': ${problem}`);
    expect(readdirSync(folder).sort()).toEqual(["a.csv", "d", "p.wasm", "pipe", "t.tar"]);
  });

  test("a socket is no source", () => {
    const server = createServer().listen(join(folder, "socket"));
    expect(judged(grant("read", "socket"))).toContain("it is no file, device or named pipe");
    server.close();
  });

  test("all findings are told", () => {
    const both = [grant("read", "absent"), grant("write", "d")];
    expect(judged(...both)).toBe("2 of the grants are not possible");
    expect(() => judgeGrants(both, "p")).toThrow(
      expect.objectContaining({
        code: "ZVM_FILE",
        diagnostics: [
          expect.objectContaining({ message: expect.stringContaining("no such file") }),
          expect.objectContaining({ message: expect.stringContaining("it is a folder") }),
        ],
      }),
    );
  });

  test("names drive no terminal", () => {
    expect(judged(grant("read", "\x1b[31mx"))).toMatch(/^[ -~]*$/);
  });
});

describe("what writing would destroy", () => {
  const READS_TOO = "which writing would destroy";

  test.each<[string, PlannedGrant["use"], string, PlannedGrant["use"], string, boolean]>([
    ["an image exported over itself", "image", "t.tar", "export", "t.tar", true],
    ["an image that is written", "image", "t.tar", "write", "t.tar", true],
    ["two exports", "export", "t.tar", "export", "t.tar", true],
    ["two new exports", "export", "n.tar", "export", "n.tar", true],
    ["an export over a file that is read", "read", "t.tar", "export", "t.tar", true],
    ["an export over a file that is written", "write", "t.tar", "export", "t.tar", true],
    ["a file written under two names", "write", "a.csv", "write", "a.csv", true],
    ["a file read and written", "read", "a.csv", "write", "a.csv", false],
    ["a file read under two names", "read", "a.csv", "read", "a.csv", false],
    ["an image mounted twice", "image", "t.tar", "image", "t.tar", false],
    ["two exports", "export", "t.tar", "export", "u.tar", false],
    ["a pipe and itself", "read", "pipe", "write", "pipe", false],
    ["a device and itself", "write", "/dev/null", "write", "/dev/null", false],
  ])("%s: %s %s and %s %s", (_, use, name, otherUse, otherName, isRefused) => {
    const message = judged(grant(use, name), grant(otherUse, otherName));
    expect(message.includes(READS_TOO) || message.includes("2 of the grants")).toBe(isRefused);
  });

  test("other names of the same file do not help", () => {
    symlinkSync("t.tar", join(folder, "link.tar"));
    linkSync(join(folder, "t.tar"), join(folder, "hard.tar"));
    symlinkSync(folder, join(folder, "d/up"));
    for (const name of ["link.tar", "hard.tar", "d/up/t.tar", "d/../t.tar"]) {
      expect(judged(grant("image", "t.tar"), grant("export", name))).toBe(
        `Cannot grant 'export ${name}': the same file is also 'image t.tar', ${READS_TOO}`,
      );
    }
    expect(judged(grant("export", "new"), grant("export", "d/up/new"))).toContain("2 of");
  });

  test.each<PlannedGrant["use"]>(["write", "export"])("the program is not for %s", (use) => {
    expect(judged(grant(use, "p.wasm"))).toBe(
      `Cannot grant '${use} p.wasm': the same file is the program, ${READS_TOO}`,
    );
  });

  test("declared channels count", () => {
    expect(judged(grant("channel", "p.wasm", true))).toContain("is the program");
    expect(judged(grant("channel", "t.tar", true), grant("image", "t.tar"))).toContain(READS_TOO);
    expect(judged(grant("channel", "t.tar"), grant("export", "t.tar"))).toContain(READS_TOO);
    expect(judged(grant("channel", "t.tar"), grant("image", "t.tar"))).toBe("");
  });
});

describe("host-look", () => {
  test("kinds", () => {
    const kinds = ["a.csv", "d", "pipe", "absent", "a.csv/x"].map((name) => {
      return lookAt(join(folder, name)).kind;
    });
    expect(kinds).toEqual(["file", "folder", "stream", "missing", "missing"]);
    expect(lookAt("/dev/null").kind).toBe("stream");
    expect(lookAt("a\0b")).toEqual({ kind: "missing", problem: "it has a NUL in its name" });
  });

  test("reasons are the host's words", () => {
    expect(reasonOf("plain")).toBe("plain");
    expect(reasonOf(new Error("something"))).toBe("something");
    expect(accessProblem(join(folder, "absent"), "read")).toBe("there is no such file");
    expect(accessProblem("/proc/self/mem/x", "write")).toBe("there is no folder /proc/self/mem");
  });

  test("identity does not depend on the name", () => {
    symlinkSync("a.csv", join(folder, "link"));
    expect(identityOf(join(folder, "link"))).toBe(identityOf(join(folder, "a.csv")));
    expect(identityOf(join(folder, "x"))).not.toBe(identityOf(join(folder, "y")));
    expect(identityOf("/nowhere/at/all")).toBe("/nowhere/at/all");
    symlinkSync("d/new", join(folder, "leads"));
    expect(identityOf(join(folder, "leads"))).toBe(identityOf(join(folder, "d/new")));
    symlinkSync("round", join(folder, "round"));
    expect(identityOf(join(folder, "round"))).toBe(identityOf(join(folder, "d/../round")));
  });
});
