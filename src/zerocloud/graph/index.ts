/** A plan as a graph for people. Pure. */
export type { LayoutEngine } from "./layout.ts";
export { mermaidOf } from "./mermaid.ts";
export { itemName } from "./names.ts";
export { svgOf } from "./svg.ts";
