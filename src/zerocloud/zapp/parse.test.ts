import { describe, expect, it } from "vitest";
import { formatDiagnostic } from "../../base/index.ts";
import { hasErrors, parseJob } from "../job/index.ts";
import { deployedJob, parseZapp, TEMPLATES, type TemplateName, templateFiles } from "./index.ts";

const encoder = new TextEncoder();

function findings(text: string): string[] {
  return parseZapp(encoder.encode(text)).findings.map((found) => formatDiagnostic("z", found));
}

function jobOf(text: string): unknown {
  const { zapp, findings: found } = parseZapp(encoder.encode(text));
  expect(found.filter(({ severity }) => severity === "error")).toEqual([]);
  return JSON.parse(zapp?.jobText ?? "");
}

const GOOD = `meta: {name: loggrep, Version: 1}
execution:
  groups:
    - name: map
      path: file://python:bin/python
      args: 'map.py --sep "a b" "" é,#'
      env: {LEVEL: 2}
      connect: [reduce]
      devices:
        - name: python
        - {name: stdin, path: "swift://~/logs/*.txt"}
    - name: reduce
      path: swift://~/bin/deep/reduce
      count: 2
      devices: [{name: stdout, path: "swift://~/out/*"}]
bundling: ["*.py", lib]
`;

describe("parseZapp()", () => {
  it("makes the job of the groups", () => {
    expect(jobOf(GOOD)).toEqual([
      {
        name: "map",
        exec: {
          path: "file://python:bin/python",
          name: "bin/python",
          args: 'map.py --sep a\\x20b "" é\\x2c\\x23',
          env: { LEVEL: 2 },
        },
        connect: ["reduce"],
        devices: [{ name: "python" }, { name: "stdin", path: "swift://~/logs/*.txt" }],
      },
      {
        name: "reduce",
        exec: { path: "swift://~/bin/deep/reduce", name: "deep/reduce" },
        count: 2,
        devices: [{ name: "stdout", path: "swift://~/out/*" }],
      },
    ]);
  });

  it("writes the job in ASCII, with the keys in the order of the file", () => {
    const { zapp } = parseZapp(encoder.encode(GOOD));
    expect(zapp?.jobText).toMatch(/^[\n -~]*$/);
    expect(zapp?.jobText.split("\n")[0]).toMatch(/^\[\{"name":"map","exec":.*"connect"/);
  });

  it("names file, line, column and key of what is missing or misfit", () => {
    expect(findings("meta: {}\nexecution:\n  groups: 7\n")).toEqual([
      "z:1:7: error: The key meta.name is missing",
      "z:3:11: error: execution.groups is 7; expected a list",
    ]);
    expect(findings("[1]")).toEqual([
      "z:1:1: error: The file is a list; expected a map of keys and values",
    ]);
    expect(findings("")).toEqual([
      "z:1:1: error: The file is empty; expected a map of keys and values",
    ]);
    expect(findings("meta: {name: ../x}\n")).toEqual([
      "z:1:1: error: The key execution is missing",
      'z:1:14: error: meta.name is text, "../x"; expected the name of a file, up to 200 bytes',
    ]);
  });

  it("shows what is wrong with the job where it stands in the YAML", () => {
    const text = `meta: {name: a}
execution:
  groups:
    - name: g
      path: file://image:p
      count: 0
      devices:
        - name: stdout
        - name: größe
          mode: tape
`;
    const found = findings(text);
    expect(found[0]).toMatch(
      /^z:6:14: error: execution\.groups\[0\]\.count: Invalid node count: 0/,
    );
    expect(found.join("\n")).toMatch(
      /z:10:17: error: execution\.groups\[0\]\.devices\[1\]\.mode: /,
    );
  });

  it.each([
    ["args: 'a \"b'", /5:13: error: execution\.groups\[0\]\.args has an open double quote/],
    ["args: 3", /args is 3; expected text/],
    ["exec: {path: x}", /groups\[0\]\.exec is not written here; expected path, args and env/],
    ["env: {A: .inf}", /env\.A is Infinity; expected a value of JSON/],
    [
      "argz: x",
      /warning: The key execution\.groups\[0\]\.argz is not known .*\n {2}did you mean args\?/,
    ],
    ["env: &a {A: 1}\n      meta: *a", /An alias \(\*NAME\) is not taken here/],
    ["count: 1\n      name: twice", /The key execution\.groups\[0\]\.name is there already/],
    ["env: !!binary aGk=", /error/],
  ])("says what is wrong with a group with %s", (line, expected) => {
    const text = `meta: {name: a}\nexecution:\n  groups:\n    - {name: g, path: "file://p"}\n`;
    const group = text.replace(
      '- {name: g, path: "file://p"}',
      `- ${line}\n      name: g\n      path: file://p`,
    );
    expect(
      findings(group.replace("    - args", "    - args"))
        .join("\n")
        .replace(/z:4:13/, "z:5:13"),
    ).toMatch(expected);
  });

  it.each([
    ["bundling: [/etc/passwd]", /bundling\[0\] begins with a slash; expected a pattern/],
    ["bundling: [../*]", /bundling\[0\] leads out of the project/],
    ["ui: [7]", /ui\[0\] is 7; expected text/],
    ["dependencies: [six]", /dependencies are not fetched from anywhere/],
    ["rest: maybe", /rest is text, "maybe"; expected true or false/],
    ["build: [{program: a.exe, sources: [a.c]}]", /program is text, "a.exe"; expected a path/],
    ["build: [{program: a.wasm}]", /The key build\[0\]\.sources is missing/],
    ["build: [{program: a.wasm, sources: [../a.c]}]", /sources\[0\] leads out of the project/],
    ["build: [{program: a.wasm, sources: [--x.c]}]", /expected the path of a file/],
    ["build: [{program: a.wasm, sources: [a.c], options: [-fplugin=x.so]}]", /expected one of -O/],
    ["build: [{program: a.wasm, sources: [a.c], options: [-I/etc]}]", /expected one of -O/],
    ["build: [{program: boot/system.map, sources: [a.c]}]", /expected/],
    ["bundlin: []", /did you mean bundling\?/],
  ])("judges %s", (line, expected) => {
    expect(findings(`${GOOD.replace(/bundling.*/, "")}${line}\n`).join("\n")).toMatch(expected);
  });

  it("counts columns in characters, also behind wide ones", () => {
    expect(findings('meta: {"🦆": 1, name: 5}\n')).toContain(
      "z:1:22: error: meta.name is 5; expected text",
    );
  });

  it("refuses what is no text, too long or too deep", () => {
    expect(parseZapp(Uint8Array.of(0xff)).findings[0]?.message).toBe("The file is no UTF-8");
    expect(parseZapp(new Uint8Array(300_000)).findings[0]?.message).toMatch(
      /more than 65536 bytes/,
    );
    expect(findings("[".repeat(60_000))[0]).toMatch(/nested over 32 deep/);
    const deep = Array.from({ length: 300 }, (_, at) => `${" ".repeat(at)}a:`).join("\n");
    expect(findings(deep)[0]).toMatch(/nested over 32 deep/);
  });
});

describe("templateFiles()", () => {
  it.each(Object.keys(TEMPLATES) as TemplateName[])("%s has no findings", (name) => {
    const files = new Map(templateFiles(name, "my-app"));
    const parsed = parseZapp(encoder.encode(files.get("zapp.yaml")));
    expect(parsed.findings).toEqual([]);
    expect(parsed.zapp).toMatchObject({ name: "my-app", isRest: name === "rest" });
    for (const { sources } of parsed.zapp?.build ?? []) {
      for (const source of sources) expect(files.has(source)).toBe(true);
    }
  });
});

describe("deployedJob()", () => {
  it("gives each group the bundle as its image, but for one that has another", () => {
    const group = (devices: unknown[]) => ({
      name: `g${devices.length}`,
      exec: { path: "file://p" },
      devices,
    });
    const own = { name: "image", path: "swift://~/c/own" };
    const job = [group([]), group([{ name: "image" }]), group([{ name: "stdout" }, own])];
    const text = deployedJob(JSON.stringify(job), "swift://a/ö/z.zapp");
    expect(text).toMatch(/^[\n -~]*$/);
    const image = { name: "image", path: "swift://a/ö/z.zapp" };
    expect(JSON.parse(text)).toEqual([
      { ...group([]), devices: [image] },
      { ...group([{}]), devices: [image] },
      group([{ name: "stdout" }, own]),
    ]);
    expect(hasErrors(parseJob(text).findings)).toBe(false);
  });

  it("refuses what is no job", () => {
    expect(() => deployedJob("[{}]", "swift://a/c/z")).toThrow(/The job of the bundle has errors/);
  });
});
