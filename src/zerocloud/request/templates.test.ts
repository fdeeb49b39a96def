import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseJob } from "../job/index.ts";
import { isRefusal } from "../result/index.ts";
import {
  fillTemplate,
  isProgramType,
  noApplication,
  parseQuery,
  programJob,
  type TemplateLimits,
  templateItem,
} from "./index.ts";

const PATH = "/a/.zvm/text/csv/config";
const URL_OF_OBJECT = "swift://a/c/o";

function fill(template: unknown, query = "", limits?: TemplateLimits): unknown {
  const text = typeof template === "string" ? template : JSON.stringify(template);
  const bytes = new TextEncoder().encode(text);
  const job = fillTemplate(bytes, PATH, parseQuery(query), URL_OF_OBJECT, limits);
  return isRefusal(job) ? `${job.status} ${job.text}` : JSON.parse(job);
}

describe("fillTemplate", () => {
  it.each([
    ["{.args}", "", ""],
    ["{.args=-l}", "", "-l"],
    ["{.args=-l}", "args=-w", "-w"],
    ["{.args=-l}", "args=", ""],
    ["{.args=-l}", "args=1&args=2", "1"],
    ["{.a}{.b} {.a}", "a=1&b=2", "12 1"],
    ["{.object_path}", "object_path=swift://evil/c/o", URL_OF_OBJECT],
    ["{.a}", "a=%22%2C%22x%22%3A%22%5C", '","x":"\\'],
    ["{.a}", "a=%7B.b%7D&b=2", "{.b}"],
    ["{.a}", "a=$1$%26$$", "$1$&$$"],
    ["{.a.*}", "a.*=1&axx=2", "1"],
    ["{.toString}{.__proto__}", "", ""],
    ["{.a=", "a=1", "{.a="],
    ["{a}", "a=1", "{a}"],
    ["{.=x}", "", "{.=x}"],
    ["{.a=x=y z}", "", "x=y z"],
    ['\\ " ü \u2028 {.a}', "a=\u2028", '\\ " ü \u2028 \u2028'],
  ])("makes of %j with ?%s %j", (text, query, expected) => {
    expect(fill([{ exec: { args: text } }], query)).toEqual([{ exec: { args: expected } }]);
  });

  it("looks at values only: no key, no number, nothing around them", () => {
    expect(fill('{"{.a}" : [1, true, null, "{.a}"], "b":"{.a}"}', "a=x")).toEqual({
      "{.a}": [1, true, null, "x"],
      b: "x",
    });
  });

  it("finds variables that are written with escapes", () => {
    expect(fill('["\\u007b.a\\u007d"]', "a=x")).toEqual(["x"]);
  });

  it.each([
    ["{.a}", "a=[]"],
    ["[{.count=1}]", ""],
    ["", ""],
    ["[", ""],
    ["[".repeat(100_000), ""],
    [`${"[".repeat(40)}${"]".repeat(40)}`, ""],
  ])("reads the template before anything is put into it: %#", (template, query) => {
    const expected =
      template.length > 65_536 ? /^413/ : /^422 Could not parse system map: \/a\/\.zvm/;
    expect(fill(template, query)).toMatch(expected);
  });

  it("refuses bytes that are no text", () => {
    const job = fillTemplate(Uint8Array.of(0x22, 0xff, 0x22), PATH, new Map(), URL_OF_OBJECT);
    expect(job).toMatchObject({ status: 422 });
  });

  it("keeps to its limit, before and after", () => {
    const limits = { bytesMax: 20, depthMax: 5 };
    expect(fill(["x".repeat(16)], "", limits)).toEqual(["x".repeat(16)]);
    expect(fill(["x".repeat(17)], "", limits)).toBe(`413 Config file at ${PATH} is too large`);
    expect(fill(["{.a}"], `a=${"x".repeat(16)}`, limits)).toEqual(["x".repeat(16)]);
    expect(fill(["{.a}"], `a=${"x".repeat(17)}`, limits)).toMatch(/^413/);
    expect(fill(["{.a}"], `a=${"ü".repeat(9)}`, limits)).toMatch(/^413/);
  });

  it("does not grow without bound while it is filled", () => {
    const query = `a=${"x".repeat(60_000)}`;
    expect(fill(["{.a}".repeat(15_000)], query)).toMatch(/^413/);
    expect(fill(Array(7000).fill("{.a}"), query)).toMatch(/^413/);
    expect(fill("{.".repeat(10_000), "")).toMatch(/^422/);
    expect(fill(["{.a=".repeat(15_000)], "")).toEqual(["{.a=".repeat(15_000)]);
  });

  it("keeps the form of the template whatever the values are", () => {
    const form = (value: unknown): unknown => {
      if (Array.isArray(value)) return value.map(form);
      if (typeof value !== "object" || value === null) return typeof value;
      return Object.entries(value).map(([key, member]) => [key, form(member)]);
    };
    const text = fc.oneof(
      fc.constantFrom("{.a}", "{.b=x}", "{.object_path}"),
      fc.string({ unit: "binary" }),
    );
    const leaf = fc.oneof(text, fc.integer(), fc.boolean(), fc.constant(null));
    const template = fc.array(fc.dictionary(text, fc.oneof(leaf, fc.array(leaf))));
    fc.assert(
      fc.property(template, fc.string({ unit: "binary" }), (given, value) => {
        const query = new Map([["a", value]]);
        const bytes = new TextEncoder().encode(JSON.stringify(given));
        const job = fillTemplate(bytes, PATH, query, URL_OF_OBJECT);
        if (isRefusal(job)) throw new Error(job.text);
        expect(form(JSON.parse(job))).toEqual(form(JSON.parse(JSON.stringify(given))));
      }),
    );
  });

  it("survives any bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        const job = fillTemplate(bytes, PATH, new Map(), URL_OF_OBJECT);
        if (isRefusal(job)) expect(job.status).toBe(422);
        else expect(() => JSON.parse(job)).not.toThrow();
      }),
    );
  });
});

describe("what opens an object", () => {
  it.each([
    ["image/png", "image/png/config"],
    ["Text/CSV; charset=utf-8", "text/csv/config"],
    ["application/vnd.ms-excel", "application/vnd.ms-excel/config"],
    ["text", undefined],
    ["", undefined],
    ["../x", undefined],
    ["text/..", undefined],
    ["a/b/c", undefined],
    ["a/*", undefined],
  ])("a template for %j is at %s", (type, object) => {
    const item = templateItem("a", type);
    expect(item).toEqual(object && { account: "a", container: ".zvm", object });
  });

  it("is the object itself where that is a program", () => {
    expect(isProgramType("application/x-nexe; x=y")).toBe(true);
    expect(isProgramType("application/x-nexes")).toBe(false);
    const item = { account: "a", container: "c", object: "o.nexe" };
    const job = programJob(item, parseQuery("args=-l+x&content_type=image/png"));
    expect(JSON.parse(String(job))).toEqual([
      {
        name: "executable",
        exec: { path: "swift://a/c/o.nexe", args: "-l x" },
        devices: [{ name: "stdout", content_type: "image/png" }],
      },
    ]);
    const plain = String(programJob(item, new Map()));
    expect(plain).toContain('"content_type":"text/plain"');
    expect(parseJob(plain).job).toBeDefined();
  });

  it.each(["*", "a/../b", "a\nb"])("is no object that a job cannot name: %j", (object) => {
    const job = programJob({ account: "a", container: "c", object }, new Map());
    expect(job).toMatchObject({ status: 400, text: `Invalid path: swift://a/c/${object}` });
  });

  it("may be nothing", () => {
    expect(noApplication("Text/X; y")).toMatchObject({
      status: 404,
      text: "No application registered for text/x",
    });
  });
});
