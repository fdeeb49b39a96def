import { describe, expect, it } from "vitest";
import { manifestCases, manifestText } from "./conformance-cases.ts";
import { judgeManifest, parseManifest } from "./index.ts";
import type { SourceKind } from "./judge-source.ts";

const FILES = {
  program: "/cases/exit.wasm",
  malformed: "/cases/text.wasm",
  missing: "/cases/nothing",
  socket: "/cases/socket",
};

const KINDS: Readonly<Record<string, SourceKind>> = {
  "/dev/null": "character",
  "/cases/socket": "socket",
  "/cases/folder": "directory",
  "/cases/disk": "block",
  "/cases/pipe": "fifo",
  "/cases/data": "regular",
};

/** How the session would end as far as manifest and sources decide it. */
function ending(text: Uint8Array | string): { code: number; state: string } {
  const { manifest, findings } = parseManifest(text);
  const judged =
    manifest === undefined ? [] : judgeManifest(manifest, (path) => KINDS[path] ?? "missing");
  const first = [...findings, ...judged].find((found) => found.severity === "error");
  return { code: first?.code ?? 0, state: first?.state ?? "ok" };
}

describe("the thirty manifest cases", () => {
  const cases = manifestCases(FILES);

  it("are thirty", () => {
    expect(new Set(cases.map(({ name }) => name)).size).toBe(30);
  });

  it.each(cases.filter(({ byProgram }) => byProgram !== true))("$name", (given) => {
    expect(ending(given.text)).toEqual({ code: given.code, state: given.state });
  });

  it.each(cases.filter(({ byProgram }) => byProgram === true))(
    "$name is left to the program stage",
    ({ text }) => {
      expect(ending(text)).toEqual({ code: 0, state: "ok" });
    },
  );
});

const { program } = FILES;
const GOOD = manifestText(program);

function plus(channel: string): string {
  return `${GOOD}Channel = ${channel}\n`;
}

describe("golden cases beyond the suite", () => {
  it.each([
    ["CRLF line ends", GOOD.replaceAll("\n", "\r\n"), 0, "ok"],
    ["unknown lines", `${GOOD}timeout = x\nfoo = bar\n# comment\nEtag = v\n`, 0, "ok"],
    ["a path with =", plus("/cases/a=b, /dev/x, 0, 0, 1, 1, 0, 0"), 0, "ok"],
    ["hexadecimal and octal", manifestText(program, { Memory: "0x2000000, 01" }), 0, "ok"],
    ["octal timeout", manifestText(program, { Timeout: "010" }), 0, "ok"],
    ["empty timeout", manifestText(program, { Timeout: "" }), 14, "invalid timeout 0"],
    ["timeout of 2^32 + 1", manifestText(program, { Timeout: "4294967297" }), 0, "ok"],
    [
      "timeout beyond 64 bits",
      manifestText(program, { Timeout: "99999999999999999999" }),
      14,
      "MANIFEST 5: invalid numeric value ''",
    ],
    ["Timeout twice", `${GOOD}Timeout = 1\n`, 14, "duplicate Timeout keyword"],
    ["Node twice", `${GOOD}Node = 1\nNode = 1\n`, 14, "duplicate Node keyword"],
    [
      "memory of 2^32 + 1",
      manifestText(program, { Memory: "4294967297, 0" }),
      12,
      "invalid memory size",
    ],
    [
      "character device both ways",
      plus("/dev/null, /dev/x, 3, 0, 1, 1, 1, 1"),
      22,
      "/dev/x has invalid i/o type",
    ],
    [
      "named pipe both ways",
      plus("/cases/pipe, /dev/x, 0, 0, 1, 1, 1, 1"),
      22,
      "/dev/x has invalid i/o type",
    ],
    [
      "regular file of type 0 both ways",
      plus("/cases/data, /dev/x, 0, 0, 1, 1, 1, 1"),
      14,
      "sequential channels cannot have r/w access",
    ],
    [
      "regular file of type 2 both ways",
      plus("/cases/new, /dev/x, 2, 0, 1, 1, 1, 1"),
      14,
      "sequential read / random write channels not supported",
    ],
    ["regular file of type 1 both ways", plus("/cases/data, /dev/x, 1, 0, 1, 1, 1, 1"), 0, "ok"],
    ["new file to write", plus("/cases/new, /dev/x, 3, 0, 0, 0, 1, 1"), 0, "ok"],
    [
      "regular file with no direction",
      plus("/cases/data, /dev/x, 0, 0, 5, 0, 0, 5"),
      22,
      "/dev/x has invalid i/o type",
    ],
    [
      "directory",
      plus("/cases/folder, /dev/x, 1, 0, 1, 1, 0, 0"),
      93,
      "invalid /dev/x source type 1",
    ],
    [
      "block device",
      plus("/cases/disk, /dev/x, 3, 0, 1, 1, 0, 0"),
      93,
      "invalid /dev/x source type 3",
    ],
    ["type -1", plus("/dev/null, /dev/x, -1, 0, 1, 1, 0, 0"), 14, "/dev/x has invalid type -1"],
    [
      "type cut to 32 bits",
      plus("/dev/null, /dev/x, 4294967295, 0, 1, 1, 0, 0"),
      14,
      "/dev/x has invalid type -1",
    ],
    [
      "every channel only read",
      manifestText(
        program,
        {},
        ["in", "out", "err"].map((name) => `/dev/null, /dev/std${name}, 0, 0, 1, 1, 0, 0`),
      ),
      0,
      "ok",
    ],
    ["no text", "", 5, "manifest read error"],
    ["a NUL at once", "\0", 14, "Timeout not specified"],
    ["text behind a NUL", `${GOOD}\0Timeout = 7\n`, 0, "ok"],
    [
      "another version",
      manifestText(program, { Version: "1" }),
      14,
      "MANIFEST 2: invalid manifest version",
    ],
    ["Version twice", `${GOOD}Version = 20130611\n`, 14, "duplicate Version keyword"],
    [
      "a value error wins over a missing keyword before it",
      manifestText(program, { Timeout: undefined, Memory: "x, 0" }),
      14,
      "MANIFEST 4: invalid numeric value 'x'",
    ],
    [
      "missing is told from the end of the table",
      manifestText(program, { Program: undefined, Memory: undefined }),
      14,
      "Memory not specified",
    ],
    [
      "a duplicate behind wins over a missing keyword before it in the table",
      `${manifestText(program, { Program: undefined })}Timeout = 1\n`,
      14,
      "duplicate Timeout keyword",
    ],
    [
      "errors of the new keywords come last",
      `Fuel = x\n${manifestText(program, { Version: undefined })}`,
      14,
      "Version not specified",
    ],
    [
      "mount errors come before memory and time",
      `${manifestText(program, { Memory: "0, 0", Timeout: "0" })}Channel = /cases/folder, /dev/x, 0, 0, 1, 1, 0, 0`,
      93,
      "invalid /dev/x source type 0",
    ],
    ["job of 108 bytes", manifestText(program, { Job: `/${"j".repeat(106)}` }), 0, "ok"],
    [
      "job of 109 bytes",
      manifestText(program, { Job: `/${"j".repeat(107)}` }),
      14,
      "MANIFEST 6: too long Job name",
    ],
  ])("%s", (_name, text, code, state) => {
    expect(ending(text)).toEqual({ code, state });
  });

  it("reads 8188 channels", () => {
    const many = Array.from(
      { length: 8185 },
      (_, index) => `Channel = /dev/null, /dev/c${index}, 0, 0, 1, 1, 0, 0`,
    );
    const text = GOOD.replace("== manifest ==\n", "") + many.join("\n");
    expect(parseManifest(text).manifest?.channels).toHaveLength(8188);
    expect(ending(text)).toEqual({ code: 0, state: "ok" });
  });
});

describe("lines and size", () => {
  const body = GOOD.replace("Timeout = 1\n", "");
  /** A manifest whose Timeout stands on the given line. */
  const timeoutOn = (line: number): string =>
    `${body}${"\n".repeat(line - body.split("\n").length)}Timeout = 3`;

  it.each([
    [8191, ""],
    [8191, "\n"],
    [8192, ""],
    [8192, "\n"],
    [8192, "\n\r\n\n"],
  ])("reads line %i followed by %j", (line, tail) => {
    expect(parseManifest(timeoutOn(line) + tail).manifest?.timeoutSeconds).toBe(3);
  });

  it("takes all from line 8192 on as one line", () => {
    // Blank lines in front are dropped with the other blanks around the key.
    expect(parseManifest(timeoutOn(8193)).manifest?.timeoutSeconds).toBe(3);
    expect(parseManifest(`${body}${"\n".repeat(8191)}# note\nTimeout = 3`).findings).toMatchObject([
      { state: "Timeout not specified" },
      { severity: "warning", message: "Lines from 8192 on are one single line and are ignored" },
    ]);
  });

  it("finds the place of an error in the joined line", () => {
    const { findings } = parseManifest(`${timeoutOn(8192)}\n  x\n`);
    expect(findings[0]).toMatchObject({
      state: "MANIFEST 8192: invalid numeric value '\\n  x'",
      line: 8192,
      column: 12,
    });
    const late = parseManifest(
      `${body}${"\n".repeat(8192 - body.split("\n").length)}\n\nTimeout = y`,
    );
    expect(late.findings[0]).toMatchObject({ state: "MANIFEST 8192: invalid numeric value 'y'" });
    expect(late.findings[0]).toMatchObject({ line: 8194, column: 11 });
  });

  it("refuses 512 KiB and takes one byte less", () => {
    const padded = `${GOOD}#${"x".repeat(524_287 - GOOD.length - 1)}`;
    expect(padded).toHaveLength(524_287);
    expect(ending(padded)).toEqual({ code: 0, state: "ok" });
    expect(ending(`${padded}x`)).toEqual({ code: 14, state: "manifest read error" });
    expect(parseManifest(`${padded}x`).findings[0]?.message).toBe("Manifest has 524288 bytes");
  });
});
