/** A plan as a graph for people. Pure. */
export { mermaidOf } from "./mermaid.ts";
export { itemName } from "./names.ts";
