import type { Arrow, Box, Diagram } from "./diagram.ts";
import { shortened, widthOf } from "./text-width.ts";

/** What we use of a library that lays graphs out in layers, such as dagre. */
export interface LayoutEngine {
  readonly graphlib: { readonly Graph: new (options: { multigraph: boolean }) => LayoutGraph };
  layout(graph: LayoutGraph): void;
}

export interface LayoutGraph {
  setGraph(settings: Readonly<Record<string, unknown>>): unknown;
  setNode(id: string, size: Size): unknown;
  setEdge(from: string, to: string, label: unknown, name: string): unknown;
  node(id: string): Size & Point;
  edge(from: string, to: string, name: string): Point & { readonly points: readonly Point[] };
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** Pixels; of a box or label, its middle. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface PlacedBox extends Size, Point {
  readonly box: Box;
  /** What fits of each line. */
  readonly lines: readonly string[];
}

export interface PlacedArrow {
  readonly arrow: Arrow;
  readonly points: readonly Point[];
  readonly label: Size & Point & { readonly text: string };
}

export interface PlacedDiagram {
  readonly boxes: readonly PlacedBox[];
  readonly arrows: readonly PlacedArrow[];
}

export const FONT_PIXELS = 12;
export const LINE_PIXELS = 16;
const PADDING = 12;
const LABEL_PIXELS = 14;
const BOX_COLUMNS_MAX = 40;
const LABEL_COLUMNS_MAX = 32;

/** Gives every box, arrow and label a place where none lies upon another box. */
export function placeDiagram({ boxes, arrows }: Diagram, engine: LayoutEngine): PlacedDiagram {
  const graph = new engine.graphlib.Graph({ multigraph: true });
  graph.setGraph({ rankdir: "LR", nodesep: 20, edgesep: 12, ranksep: 28 });
  const sized = boxes.map((box) => {
    const lines = box.lines.map((line) => shortened(line, BOX_COLUMNS_MAX));
    const width = Math.max(...lines.map(widthOf)) * FONT_PIXELS + 2 * PADDING;
    return { box, lines, width, height: lines.length * LINE_PIXELS + PADDING };
  });
  for (const { box, width, height } of sized) graph.setNode(box.id, { width, height });
  const labels = arrows.map(({ label }) => {
    const text = shortened(label, LABEL_COLUMNS_MAX);
    return { text, width: widthOf(text) * FONT_PIXELS + 8, height: LABEL_PIXELS };
  });
  for (const [at, { from, to }] of arrows.entries()) {
    const { width = 0, height = 0 } = labels[at] ?? {};
    graph.setEdge(from, to, { width, height, labelpos: "c" }, String(at));
  }
  engine.layout(graph);
  return {
    boxes: sized.map((one) => {
      const { x, y } = graph.node(one.box.id);
      return { ...one, x, y };
    }),
    arrows: arrows.map((arrow, at) => {
      const { points, x, y } = graph.edge(arrow.from, arrow.to, String(at));
      const label = { text: "", width: 0, height: 0, ...labels[at], x, y };
      return { arrow, points, label };
    }),
  };
}
