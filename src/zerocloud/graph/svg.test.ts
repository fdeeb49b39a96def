import { createRequire } from "node:module";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Plan, PlannedNode } from "../plan/index.ts";
import { diagramOf } from "./diagram.ts";
import {
  type LayoutEngine,
  type PlacedBox,
  type Point,
  placeDiagram,
  type Size,
} from "./layout.ts";
import { SVG_ARROWS_MAX, SVG_BOXES_MAX, svgOf } from "./svg.ts";
import { shortened, widthOf } from "./text-width.ts";

const engine = createRequire(import.meta.filename)("@dagrejs/dagre") as LayoutEngine;

function item(object: string) {
  return { account: "~", container: "c", object };
}

function node(id: number, name: string, objects: readonly string[]): PlannedNode {
  const base = { type: 0, mode: "pipe" } as const;
  const written = { contentType: "a/b", meta: {}, minSizeBytes: 0 };
  return {
    id,
    name,
    group: name,
    program: { kind: "object", item: item("program"), url: "swift://~/c/program" },
    programName: name,
    args: "",
    env: {},
    channels: [
      ...objects.map((object, at) => {
        const device = at === 0 ? "stdin" : `input${at}`;
        return { ...base, kind: "input", access: "read", device, item: item(object) } as const;
      }),
      { ...base, kind: "response", device: "stdout", ...written },
      { ...base, kind: "system-image", device: "python" },
      { ...base, kind: "socket", device: "debug", protocol: "tcp", host: "h", port: 1 },
    ],
    ...(objects[0] !== undefined && {
      attachment: { device: "stdin", item: item(objects[0]), access: "read" },
    }),
    instances: [id],
    pool: "default",
    captures: [],
    transfers: [],
  };
}

/** Mappers that all write to all reducers. */
function mapReduce(mappers: number, reducers: number, name = "n"): Plan {
  const all = Array.from({ length: mappers + reducers }, (_, at) => {
    return node(at + 1, `${name}-${at + 1}`, at < mappers ? [`in/${name}${at}`] : []);
  });
  const connections = all.slice(0, mappers).flatMap((from) =>
    all.slice(mappers).map((to) => {
      return { from: from.id, to: to.id, output: `out/${to.name}`, input: `in/${from.name}` };
    }),
  );
  return { nodes: all, connections };
}

/** Throws where a text is no well-formed XML of elements, attributes, texts and named entities. */
function judgeXml(text: string): number {
  const piece = /<(\/?)([A-Za-z][\w-]*)((?:\s+[\w:-]+="[^"<]*")*)\s*(\/?)>|([^<]+)/gy;
  const open: string[] = [];
  let count = 0;
  let end = 0;
  for (const [all, closes, name = "", attributes = "", isEmpty, words] of text.matchAll(piece)) {
    end += all.length;
    const content = words ?? attributes;
    if (/&(?!(amp|lt|gt|quot);)/.test(content)) throw new Error(`An entity in ${content}`);
    if (/[^\t\n\r\x20-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u.test(content)) {
      throw new Error("A character that XML does not have");
    }
    if (words !== undefined) continue;
    const names = [...attributes.matchAll(/([\w:-]+)=/g)].map(([, attribute]) => attribute);
    if (new Set(names).size < names.length) throw new Error(`An attribute twice in ${all}`);
    if (closes === "/") {
      if (open.pop() !== name) throw new Error(`${name} is closed and was not open`);
    } else if (isEmpty !== "/") open.push(name);
    count += 1;
  }
  if (end < text.length) throw new Error(`What is ${text.slice(end, end + 20)}`);
  if (open.length > 0) throw new Error(`${open.join(", ")} is open`);
  return count;
}

function overlap(one: Size & Point, other: Size & Point): boolean {
  const isAcross = Math.abs(one.x - other.x) < (one.width + other.width) / 2 - 0.5;
  return isAcross && Math.abs(one.y - other.y) < (one.height + other.height) / 2 - 0.5;
}

describe("the picture of a plan", () => {
  it("has a title, a legend, and every box and arrow", () => {
    const svg = svgOf(mapReduce(2, 1), engine);
    expect(svg).toContain("<title>Plan: 3 nodes, 2 connections</title>");
    for (const word of ["1 n-1", "c/in/n0", "c/program", "answer", "python", "tcp://h:1"]) {
      expect(svg).toContain(`>${word}</text>`);
    }
    for (const word of ["stdin", "stdout", "out/n-3 to in/n-1", "runs beside", "connection"]) {
      expect(svg).toContain(`>${word}</text>`);
    }
    expect(svg.match(/<path class="line beside"/g)?.length).toBe(2 + 1);
    expect(svg.match(/<path class="line connection"/g)?.length).toBe(2 + 1);
    expect(svg).toContain("prefers-color-scheme:dark");
    expect(judgeXml(svg)).toBeGreaterThan(40);
  });

  it("is the same text for the same plan", () => {
    const first = svgOf(mapReduce(5, 3), engine);
    svgOf(mapReduce(3, 2), engine);
    expect(svgOf(mapReduce(5, 3), engine)).toBe(first);
  });

  it.each([
    [1, 0],
    [4, 1],
    [8, 8],
    [30, 2],
  ])("of %i nodes that write to %i others lays nothing upon a box", (mappers, reducers) => {
    const { boxes, arrows } = placeDiagram(diagramOf(mapReduce(mappers, reducers)), engine);
    const labels = arrows.map(({ label }) => label);
    const lying = boxes.flatMap((box, at) =>
      [...boxes.slice(at + 1), ...labels].filter((other) => overlap(box, other)),
    );
    expect(lying).toEqual([]);
  });

  it("begins and ends its arrows at their boxes", () => {
    const { boxes, arrows } = placeDiagram(diagramOf(mapReduce(3, 2)), engine);
    const boxOf = (id: string) => boxes.find(({ box }) => box.id === id);
    const touches = (point: Point | undefined, box: PlacedBox | undefined): boolean => {
      if (point === undefined || box === undefined) return false;
      return overlap({ ...point, width: 4, height: 4 }, box);
    };
    for (const { arrow, points } of arrows) {
      expect(touches(points[0], boxOf(arrow.from))).toBe(true);
      expect(touches(points.at(-1), boxOf(arrow.to))).toBe(true);
    }
  });

  it("is empty but well-formed for a plan without nodes", () => {
    const svg = svgOf({ nodes: [], connections: [] }, engine);
    expect(judgeXml(svg)).toBeGreaterThan(10);
    expect(svg).not.toMatch(/NaN|Infinity/);
  });

  it("is well-formed whatever things are called", () => {
    const name = fc.oneof(
      fc.string({ unit: "binary", minLength: 1 }),
      fc.constantFrom("<script>", "]]>", '"/>', "&amp;", "\ufffe", "\ud800", "日本語".repeat(30)),
    );
    fc.assert(
      fc.property(name, (text) => {
        const svg = svgOf(mapReduce(1, 1, text), engine);
        judgeXml(svg);
        expect(svg).not.toContain("<script");
      }),
    );
  });

  it("is refused where it is too large", () => {
    const tooMany = { code: "ZVM_GRAPH_SIZE" };
    expect(() => svgOf(mapReduce(SVG_BOXES_MAX, 0), engine)).toThrow(
      expect.objectContaining(tooMany),
    );
    expect(() => svgOf(mapReduce(20, SVG_ARROWS_MAX / 20), engine)).toThrow(
      expect.objectContaining(tooMany),
    );
  });
});

describe("a text in a box", () => {
  it("is cut in its middle, by the columns that it takes", () => {
    expect(shortened("abcdefghij", 10)).toBe("abcdefghij");
    expect(shortened("abcdefghijk", 10)).toBe("abcd…hijk");
    expect(shortened("日本語日本語", 10)).toBe("日本…本語");
    expect(widthOf("日")).toBeCloseTo(2 * widthOf("a"));
  });
});
