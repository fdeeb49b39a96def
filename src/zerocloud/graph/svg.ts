import { printable, ZvmError } from "../../base/index.ts";
import type { Plan } from "../plan/index.ts";
import { type Arrow, type BoxKind, diagramOf } from "./diagram.ts";
import {
  FONT_PIXELS,
  type LayoutEngine,
  LINE_PIXELS,
  type PlacedArrow,
  type PlacedBox,
  type PlacedDiagram,
  type Point,
  placeDiagram,
} from "./layout.ts";

/** What a layout takes seconds for, and nobody can read. */
export const SVG_BOXES_MAX = 300;
export const SVG_ARROWS_MAX = 600;

/**
 * A plan as a picture in SVG, for light and dark surroundings. The same plan is the same text.
 * @throws ZvmError ZVM_GRAPH_SIZE for a plan that is too large to be drawn
 */
export function svgOf(plan: Plan, engine: LayoutEngine): string {
  const diagram = diagramOf(plan);
  const { boxes, arrows } = diagram;
  if (boxes.length > SVG_BOXES_MAX || arrows.length > SVG_ARROWS_MAX) {
    const size = `${boxes.length} boxes and ${arrows.length} arrows`;
    const most = `${SVG_BOXES_MAX} and ${SVG_ARROWS_MAX} are the most`;
    throw new ZvmError("ZVM_GRAPH_SIZE", `The plan has ${size}; ${most}`);
  }
  const placed = placeDiagram(diagram, engine);
  const extent = extentOf(placed);
  const width = Math.max(extent.width, LEGEND_WIDTH) + 2 * MARGIN;
  const height = extent.height + 2 * MARGIN + HEAD + FOOT;
  const counts = [
    counted(plan.nodes.length, "node"),
    counted(plan.connections.length, "connection"),
  ];
  const title = `Plan: ${counts.join(", ")}`;
  const size = `width="${r(width)}" height="${r(height)}" viewBox="0 0 ${r(width)} ${r(height)}"`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" ${size} role="img">`,
    `<title>${title}</title>`,
    `<style>${STYLE}</style>`,
    MARKERS,
    `<rect class="paper" width="100%" height="100%"/>`,
    `<text class="title" x="${MARGIN}" y="${MARGIN + LINE_PIXELS}">${title}</text>`,
    `<g transform="translate(${r(MARGIN - extent.left)} ${r(MARGIN + HEAD - extent.top)})">`,
    ...placed.arrows.map(lineText),
    ...placed.boxes.map(boxText),
    ...placed.arrows.map(labelText),
    "</g>",
    ...legend(height - FOOT),
    "</svg>",
    "",
  ].join("\n");
}

const MARGIN = 16;
const HEAD = 32;
const FOOT = 40;
const LEGEND_STEP = 120;

const STYLE = [
  `text{font:${FONT_PIXELS}px ui-monospace,Menlo,Consolas,monospace;fill:#1c2430}`,
  ".title{font-size:14px;font-weight:bold}",
  ".paper{fill:#fff}",
  ".box{fill:#f4f6f9;stroke:#5b6b80;stroke-width:1.2}",
  ".node .box{fill:#e3edff;stroke:#2f5fb3}",
  ".line{fill:none;stroke:#5b6b80;stroke-width:1.2}",
  ".beside{stroke-width:3.2}",
  ".connection{stroke:#2f5fb3;stroke-dasharray:5 3}",
  ".label{fill:#44505f;stroke:#fff;stroke-width:4px;paint-order:stroke}",
  ".head{fill:#44505f}",
  "@media (prefers-color-scheme:dark){",
  "text{fill:#e6eaf0}.paper{fill:#14181f}.box{fill:#222a35;stroke:#8fa0b8}",
  ".node .box{fill:#1d2f52;stroke:#7ea6ee}.line{stroke:#8fa0b8}.connection{stroke:#7ea6ee}",
  ".label{fill:#c3ccd8;stroke:#14181f}.head{fill:#c3ccd8}}",
].join("");

const MARKERS =
  '<defs><marker id="head" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" ' +
  'markerUnits="userSpaceOnUse" orient="auto-start-reverse">' +
  '<path class="head" d="M0 0L8 4L0 8z"/></marker></defs>';

function boxText({ box, lines, x, y, width, height }: PlacedBox): string {
  const left = x - width / 2;
  const top = y - height / 2;
  const first = y - ((lines.length - 1) * LINE_PIXELS) / 2 + FONT_PIXELS / 3;
  const texts = lines.map((line, at) => {
    const place = `x="${r(x)}" y="${r(first + at * LINE_PIXELS)}" text-anchor="middle"`;
    return `<text ${place}>${escaped(line)}</text>`;
  });
  const whole = `<title>${escaped(box.lines.join(" "))}</title>`;
  const content = [whole, shape(box.kind, left, top, width, height), ...texts];
  return `<g class="${box.kind}">${content.join("")}</g>`;
}

/** The shapes of the flowchart: a cylinder for what is stored, double sides for an image. */
function shape(kind: BoxKind, x: number, y: number, width: number, height: number): string {
  const area = `x="${r(x)}" y="${r(y)}" width="${r(width)}" height="${r(height)}"`;
  if (kind === "node") return `<rect class="box" ${area} rx="3"/>`;
  if (kind === "outside") return `<rect class="box" ${area} rx="${r(height / 2)}"/>`;
  if (kind === "image") {
    const sides = [x + 5, x + width - 5].map((at) => `M${r(at)} ${r(y)}v${r(height)}`).join("");
    return `<rect class="box" ${area}/><path class="box" d="${sides}"/>`;
  }
  const arc = `a${r(width / 2)} 5 0 0`;
  const [top, side] = [r(y + 5), r(height - 10)];
  const body = `M${r(x)} ${top}v${side}${arc} 0 ${r(width)} 0v-${side}`;
  return `<path class="box" d="${body}${arc} 0 -${r(width)} 0${arc} 0 ${r(width)} 0"/>`;
}

function lineText({ arrow, points }: PlacedArrow): string {
  const path = points.map(({ x, y }) => `${r(x)} ${r(y)}`).join("L");
  return `<path class="${lineClass(arrow.kind)}" d="M${path}" ${heads(arrow.kind)}/>`;
}

function lineClass(kind: Arrow["kind"]): string {
  return kind === "beside" || kind === "connection" ? `line ${kind}` : "line";
}

function heads(kind: Arrow["kind"]): string {
  const end = 'marker-end="url(#head)"';
  return kind === "both-ways" ? `marker-start="url(#head)" ${end}` : end;
}

function labelText({ label: { text, x, y } }: PlacedArrow): string {
  const place = `x="${r(x)}" y="${r(y + FONT_PIXELS / 3)}" text-anchor="middle"`;
  return `<text class="label" ${place}>${escaped(text)}</text>`;
}

const BOXES: readonly (readonly [BoxKind, string])[] = [
  ["node", "node"],
  ["object", "object"],
  ["outside", "outside"],
  ["image", "image"],
];
const LINES: readonly (readonly [Arrow["kind"], string])[] = [
  ["channel", "channel"],
  ["beside", "runs beside"],
  ["connection", "connection"],
];
const LEGEND_WIDTH = (BOXES.length + LINES.length) * LEGEND_STEP;

function legend(top: number): string[] {
  const y = top + FOOT / 2;
  const entry = (at: number, sign: string, name: string): string => {
    const x = MARGIN + at * LEGEND_STEP;
    return `${sign}<text x="${r(x + 34)}" y="${r(y + 4)}">${name}</text>`;
  };
  const boxes = BOXES.map(([kind, name], at) => {
    const sign = shape(kind, MARGIN + at * LEGEND_STEP, y - 9, 28, 18);
    return entry(at, `<g class="${kind}">${sign}</g>`, name);
  });
  const lines = LINES.map(([kind, name], index) => {
    const at = BOXES.length + index;
    const path = `M${MARGIN + at * LEGEND_STEP} ${r(y)}h28`;
    return entry(at, `<path class="${lineClass(kind)}" d="${path}" ${heads(kind)}/>`, name);
  });
  return [...boxes, ...lines];
}

/** The rectangle around all boxes, labels and bends. */
function extentOf({ boxes, arrows }: PlacedDiagram) {
  const rectangles = [...boxes, ...arrows.map(({ label }) => label)];
  const corners: Point[] = [
    ...rectangles.flatMap(({ x, y, width, height }) => [
      { x: x - width / 2, y: y - height / 2 },
      { x: x + width / 2, y: y + height / 2 },
    ]),
    ...arrows.flatMap(({ points }) => points),
  ];
  if (corners.length === 0) corners.push({ x: 0, y: 0 });
  const across = corners.map(({ x }) => x);
  const down = corners.map(({ y }) => y);
  const [left, top] = [Math.min(...across), Math.min(...down)];
  return { left, top, width: Math.max(...across) - left, height: Math.max(...down) - top };
}

/** A tenth of a pixel is enough, and the same text on every machine. */
function r(pixels: number): string {
  return String(Math.round(pixels * 10) / 10 + 0);
}

function counted(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? "" : "s"}`;
}

const NAMED: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
};

/** Names are anybody's: what XML cannot hold is replaced, what it would read is escaped. */
function escaped(text: string): string {
  return printable(text)
    .replace(/[^\x20-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, "\ufffd")
    .replace(/[&<>"]/g, (sign) => NAMED[sign] ?? sign);
}
