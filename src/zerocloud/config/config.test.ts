import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv } from "ajv";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { changedBytes } from "../../../test/support/changed-bytes.ts";
import { CONFIG_KEYS, parseConfig, resolveConfig, variableOf } from "./index.ts";
import type { ConfigKeyKind } from "./key-kind.ts";
import { CONFIG_KEY_NAMES } from "./keys.ts";

const reference = join(import.meta.dirname, "../../../docs/reference");
const schema = JSON.parse(readFileSync(join(reference, "server.schema.json"), "utf8"));
const isConfig = new Ajv({ allowUnionTypes: true }).compile(schema);

const FILE = `# a server
data: store
port: 9000
limits:
  objectBytes: 5G
  idleSeconds: 5
jobs: { fuel: 1000000, memoryBytes: 64M }
images:
  python: images/python.tar
debug:
  targets: ["tcp:127.0.0.1:9999"]
metrics: false
log:
`;

function findingsOf(text: string): string[] {
  return parseConfig(text).findings.map(({ line, column, path, message }) => {
    return `${line}:${column} ${path}: ${message}`;
  });
}

describe("the configuration file", () => {
  it("gives the values that it has, with their lines", () => {
    const { values, findings } = parseConfig(FILE);
    expect(findings).toEqual([]);
    expect([...values].map(([key, { value, line }]) => [key, value, line])).toEqual([
      ["data", "store", 2],
      ["port", 9000, 3],
      ["limits.objectBytes", 5 * 2 ** 30, 5],
      ["limits.idleSeconds", 5, 6],
      ["jobs.fuel", 1_000_000, 7],
      ["jobs.memoryBytes", 64 * 2 ** 20, 7],
      ["images", { python: "images/python.tar" }, 9],
      ["debug.targets", ["tcp:127.0.0.1:9999"], 11],
      ["metrics", false, 12],
    ]);
  });

  it.each([
    ["cluster = WaitPool(1, 1)", "There is no pool default"],
    ["default = OtherPool(1, 1)", "neither a WaitPool nor a PriorityPool"],
    ["default = WaitPool(0, 1)", "runs nothing"],
  ])("tells what is wrong with the pools %j", (pools, fault) => {
    const { findings } = parseConfig(JSON.stringify({ jobs: { pools } }));
    expect(findings).toMatchObject([{ path: "jobs.pools", line: 1 }]);
    expect(findings[0]?.message).toContain(fault);
  });

  it("may be empty, or JSON", () => {
    for (const text of ["", "# nothing", "{}", "null", '{"port": null}']) {
      expect(parseConfig(text)).toEqual({ values: new Map(), findings: [] });
    }
    expect(parseConfig('{"port": 1}').values.get("port")?.value).toBe(1);
  });

  it.each([
    ["prot: 1", "1:1 prot: There is no key prot", "did you mean port?"],
    [
      "limits:\n  idelSeconds: 1",
      "2:3 limits.idelSeconds: There is no key idelSeconds in limits",
      "did you mean idleSeconds?",
    ],
    [
      "objectBytes: 1",
      "1:1 objectBytes: There is no key objectBytes",
      "did you mean limits.objectBytes?",
    ],
    [
      "limits.objectBytes: 1",
      "1:1 limits.objectBytes: There is no key limits.objectBytes",
      "did you mean limits.objectBytes?",
    ],
    [
      "tls: {}",
      "1:1 tls: There is no key tls",
      "The server speaks plain HTTP: let a proxy before it do TLS, and name it with publicUrl",
    ],
    ["hasOwnProperty: 1", "1:1 hasOwnProperty: There is no key hasOwnProperty", undefined],
  ])("says what was meant: %#", (text, message, hint) => {
    const [found] = parseConfig(text).findings;
    expect(findingsOf(text)).toEqual([message]);
    expect(found?.hint).toBe(hint);
  });

  it.each([
    ["port: 65536", "1:7 port: port: 65536 is not a value for it"],
    ["port: '80'", "1:7 port: port: 80 is not a value for it"],
    ["port: 1.5", "1:7 port: port: 1.5 is not a value for it"],
    ["port: [1]", "1:7 port: port: [1] is not a value for it"],
    ["ä: 1\nmetrics: yes", "1:1 ä: There is no key ä"],
    ["metrics: yes", "1:10 metrics: metrics: yes is not a value for it"],
    ["log: {level: loud}", "1:14 log.level: log.level: loud is not a value for it"],
    ["log: 1", "1:6 log: log is no mapping of keys to values"],
    ["- 1", "1:1 : The configuration is no mapping of keys to values"],
    ["data: ''", "1:7 data: data:  is not a value for it"],
    ["images: {-x: a}", '1:9 images: images: {"-x":"a"} is not a value for it'],
    ["publicUrl: https://a/b", "1:12 publicUrl: publicUrl: https://a/b is not a value for it"],
    ["port: &p 1\nlog: {level: *p}", "2:14 : There are no aliases"],
    ["port: 1\nport: 2", "2:1 : Map keys must be unique"],
    [
      "port: 1\n---\nport: 2",
      "2:1 : Source contains multiple documents; please use YAML.parseAllDocuments()",
    ],
  ])("refuses what is no value: %#", (text, message) => {
    expect(findingsOf(text)[0]).toBe(message);
    expect(parseConfig(text).values.size).toBe(0);
  });

  it("says what would be right", () => {
    const [found] = parseConfig("limits:\n  objectBytes: 0").findings;
    expect(found?.expected).toBe(
      "a whole number of bytes from 1 to 8796093022208, also as 64K, 64M, 5G",
    );
  });

  it("takes the first and the last value of each range, and none beyond", () => {
    for (const key of CONFIG_KEY_NAMES) {
      const kind: ConfigKeyKind = CONFIG_KEYS[key];
      if (kind.form !== "whole") continue;
      const isTaken = (value: number) => {
        const [group, name] = key.split(".");
        const text = name === undefined ? `${key}: ${value}` : `${group}: {${name}: ${value}}`;
        return parseConfig(text).findings.length === 0;
      };
      const { minimum, maximum } = kind;
      expect([minimum, maximum].map(isTaken)).toEqual([true, true]);
      expect([minimum - 1, maximum + 1].map(isTaken)).toEqual([false, false]);
    }
  });

  it("ends soon on hostile texts", () => {
    const texts = ["[", "{a: ", "- ", "a:\n", "&a [*a, ", "? ", "'", "|\n", "!!x ", "%Y\n"];
    for (const text of texts) {
      const { findings } = parseConfig(text.repeat(8000 / text.length));
      expect(findings.length).toBeGreaterThan(0);
      expect(findings.length).toBeLessThanOrEqual(100);
    }
    expect(findingsOf("#".repeat(65_537))).toEqual(["1:1 : The file is larger than 65536 bytes"]);
  });
});

describe("any text", () => {
  const survives = (text: string): void => {
    const { values, findings } = parseConfig(text);
    if (findings.length > 0) expect(values.size).toBe(0);
    for (const { message, line = 0, column = 0, path } of findings) {
      expect(Math.min(line, column)).toBeGreaterThan(0);
      expect(`${message}${path}`).not.toMatch(/[\p{Cc}\p{Surrogate}]/u);
      expect(message.length).toBeLessThan(300);
    }
    const { config } = resolveConfig({ file: { path: "f", text }, folder: "/" });
    expect(config === undefined).toBe(findings.length > 0);
  };

  it("is survived where it is a few changes away from a configuration", () => {
    const texts = changedBytes(Buffer.from(FILE), 4).map((bytes) => Buffer.from(bytes).toString());
    fc.assert(fc.property(texts, survives), { numRuns: 500 });
  });

  it("is survived where the reader of YAML cuts a character in two", () => {
    survives("!<<\u{10000}");
    expect(findingsOf("!<<\u{10000}").join("\n")).toContain("\\u{d800}");
  });

  it("is survived where it is made of the signs of YAML", () => {
    const word = fc.oneof(
      fc.constantFrom(
        ..."\n :-?[]{}&*!|>'\"%@`,#",
        "port",
        "limits",
        "<<",
        "~",
        "---",
        "!!binary ",
      ),
      fc.string({ unit: "binary", maxLength: 3 }),
    );
    const texts = fc.array(word, { maxLength: 30 }).map((words) => words.join(""));
    fc.assert(fc.property(texts, survives), { numRuns: 1000 });
  });
});

describe("the published schema", () => {
  const likelyValue = fc.oneof(
    fc.constantFrom(0, 1, 64, 8080, 2 ** 16, 2 ** 40, -1, 1.5, true, false, null),
    fc.constantFrom("64M", "info", "json", "a", "", "tcp:h:1", "https://h", "*", "127.0.0.1"),
    fc.constantFrom<unknown>([], ["tcp:h:1"], ["*"], [1], {}, { py: "a.tar" }, { "": 1 }),
    fc.jsonValue({ maxDepth: 1 }),
  );
  const names = CONFIG_KEY_NAMES.map((key) => key.split("."));
  const configs = fc
    .array(fc.tuple(fc.constantFrom(...names, ["x"], ["limits", "x"], ["limits"]), likelyValue), {
      maxLength: 2,
    })
    .map((entries) => {
      const config: Record<string, unknown> = {};
      for (const [[group = "", name], value] of entries) {
        const members = config[group];
        const isGroup = typeof members === "object" && members !== null && !Array.isArray(members);
        if (name === undefined) config[group] = value;
        else config[group] = { ...(isGroup ? members : {}), [name]: value };
      }
      return config;
    });

  it("takes what the parser takes and refuses what it refuses", () => {
    const seen = { taken: 0, refused: 0 };
    const agrees = (config: unknown): void => {
      const text = JSON.stringify(config);
      // No text of a configuration has a zero byte: a schema cannot say that.
      if (/\\u0000|\\ud[89a-f]/.test(text)) return;
      const isTaken = parseConfig(text).findings.length === 0;
      // Nor can it compare a size such as 64M with the ends of a range.
      if (!isTaken && /"\d+[KMGT]"/.test(text)) return;
      expect([text, isConfig(JSON.parse(text))]).toEqual([text, isTaken]);
      seen[isTaken ? "taken" : "refused"] += 1;
    };
    fc.assert(fc.property(configs, agrees), { numRuns: 2000 });
    expect(Math.min(seen.taken, seen.refused)).toBeGreaterThan(200);
  });
});

describe("the sources of a configuration", () => {
  it("are defaults, then the file, then the environment, then flags", () => {
    const { config, origins } = resolveConfig({
      file: { path: "etc/server.yaml", text: FILE },
      environment: { ZEROVM_SERVE_PORT: "9001", ZEROVM_SERVE_HOST: "::1", HOME: "/" },
      flags: { port: "9002", json: "" },
      folder: "/srv",
    });
    expect(config).toMatchObject({
      data: "/srv/etc/store",
      port: 9002,
      host: "::1",
      images: { python: "/srv/etc/images/python.tar" },
      "auth.file": undefined,
      "jobs.maxconfig": 65_536,
    });
    expect(origins).toMatchObject({
      data: "etc/server.yaml:2",
      port: "--port",
      host: "ZEROVM_SERVE_HOST",
      "auth.file": "default",
    });
  });

  it("have values of every form as texts", () => {
    const { config, findings } = resolveConfig({
      environment: {
        ZEROVM_SERVE_DATA: "here",
        ZEROVM_SERVE_METRICS: "false",
        ZEROVM_SERVE_LIMITS_OBJECT_BYTES: "2G",
        ZEROVM_SERVE_LOG_LEVEL: "error",
        ZEROVM_SERVE_IMAGES: "py=a.tar,php=/b=c.tar",
        ZEROVM_SERVE_DEBUG_TARGETS: "tcp:a:1,udp:b:2",
      },
      folder: "/srv",
    });
    expect(findings).toEqual([]);
    expect(config).toMatchObject({
      data: "/srv/here",
      metrics: false,
      "limits.objectBytes": 2 ** 31,
      "log.level": "error",
      images: { py: "/srv/a.tar", php: "/b=c.tar" },
      "debug.targets": ["tcp:a:1", "udp:b:2"],
    });
  });

  it("are named where a value of theirs is wrong", () => {
    const { config, findings } = resolveConfig({
      environment: { ZEROVM_SERVE_PROT: "1", ZEROVM_SERVE_METRICS: "1" },
      flags: { port: "http" },
      folder: "/",
    });
    expect(config).toBeUndefined();
    expect(findings.map(({ message, hint }) => [message, hint])).toEqual([
      ["There is no variable ZEROVM_SERVE_PROT", "did you mean ZEROVM_SERVE_PORT?"],
      ["--port: http is not a value for it", undefined],
      ["ZEROVM_SERVE_METRICS: 1 is not a value for it", undefined],
    ]);
  });

  it("survive any text", () => {
    const text = fc.oneof(fc.string({ unit: "binary" }), fc.constantFrom("1", "a=b,c", "true"));
    const variables = fc.dictionary(fc.constantFrom(...CONFIG_KEY_NAMES.map(variableOf)), text);
    const survives = (environment: Record<string, string>): void => {
      const { config, findings } = resolveConfig({ environment, folder: "/" });
      expect(config === undefined).toBe(findings.length > 0);
      for (const { message } of findings) expect(message).not.toMatch(/\p{Cc}/u);
    };
    fc.assert(fc.property(variables, survives), { numRuns: 500 });
  });

  it("give each key a variable of its own", () => {
    expect(new Set(CONFIG_KEY_NAMES.map(variableOf)).size).toBe(CONFIG_KEY_NAMES.length);
  });

  it("have defaults that they would take themselves", () => {
    for (const key of CONFIG_KEY_NAMES) {
      const kind: ConfigKeyKind = CONFIG_KEYS[key];
      if (kind.standard === undefined) continue;
      const [group = "", name] = key.split(".");
      const members = name === undefined ? kind.standard : { [name]: kind.standard };
      expect(findingsOf(JSON.stringify({ [group]: members }))).toEqual([]);
    }
  });
});
