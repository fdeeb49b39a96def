import { createRequire } from "node:module";
import { type LayoutEngine, mermaidOf, svgOf } from "./graph/index.ts";
import type { Plan } from "./plan/index.ts";

/** The languages that a plan can be drawn in. */
export const GRAPHS = ["mermaid", "svg"] as const;

/**
 * A plan as a graph. The layout of SVG is made by a package, which is loaded for it alone.
 * @throws ZvmError ZVM_GRAPH_SIZE for a plan that is too large for SVG
 */
export function drawPlan(plan: Plan, language: (typeof GRAPHS)[number]): string {
  if (language === "mermaid") return mermaidOf(plan);
  return svgOf(plan, createRequire(import.meta.filename)("@dagrejs/dagre") as LayoutEngine);
}
