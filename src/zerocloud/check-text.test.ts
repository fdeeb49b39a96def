import { describe, expect, it } from "vitest";
import { checkText } from "./index.ts";

const encoder = new TextEncoder();
const check = (text: string) => checkText(encoder.encode(text));

describe("checkText", () => {
  it("finds out what a text is", () => {
    expect(check("Version = 20130611").kind).toBe("manifest");
    expect(check("[args]\nargs=a b\n")).toEqual({ kind: "nvram", diagnostics: [] });
    expect(check('[{"name":"n","exec":{"path":"swift://~/b/p"}}]')).toEqual({
      kind: "job",
      diagnostics: [],
    });
  });

  it("takes a text as what it is told", () => {
    const { diagnostics } = checkText(encoder.encode("{}"), "job");
    expect(diagnostics).toMatchObject([{ line: 1, column: 1, rule: "structure" }]);
  });

  it("finds what is wrong with a job on every server, and takes images for there", () => {
    const { diagnostics } = check(`[{"name":"n","exec":{"path":"file://python:python"},
  "devices":[{"name":"python"},{"name":"image"},{"name":"debug","path":"tcp://h:1"},
    {"name":"stdout"},{"name":"stderr"}]}]`);
    expect(diagnostics).toMatchObject([{ rule: "immediate-twice", line: 3, column: 23 }]);
  });

  it("refuses what is no text and no kind", () => {
    expect(() => checkText("[]" as unknown as Uint8Array)).toThrow("checkText takes bytes");
    expect(() => checkText(encoder.encode("[]"), "tape" as "job")).toThrow("one of manifest");
  });
});
