import { printable } from "../../base/index.ts";
import type { Plan } from "../plan/index.ts";
import { type Arrow, type BoxKind, diagramOf } from "./diagram.ts";

/**
 * A plan as the text of a Mermaid flowchart: nodes with their programs, the objects that they read
 * and write, and their connections. An object beside which a node runs has a thick arrow. The same
 * plan is the same text.
 */
export function mermaidOf(plan: Plan): string {
  const { boxes, arrows } = diagramOf(plan);
  const lines = [
    ...boxes.map(({ id, kind, lines }) => {
      const [open, close] = BRACKETS[kind];
      return `${id}${open}"${lines.map(escaped).join("<br/>")}"${close}`;
    }),
    ...arrows.map(({ from, to, label, kind }) => {
      return `${from} ${ARROWS[kind]}|"${escaped(label)}"| ${to}`;
    }),
  ];
  return ["flowchart LR", ...lines.map((line) => `  ${line}`), ""].join("\n");
}

/** The brackets that Mermaid draws a box with. */
const BRACKETS: Readonly<Record<BoxKind, readonly [string, string]>> = {
  node: ["[", "]"],
  object: ["[(", ")]"],
  outside: ["([", "])"],
  image: ["[[", "]]"],
};

const ARROWS: Readonly<Record<Arrow["kind"], string>> = {
  channel: "-->",
  beside: "==>",
  "both-ways": "<-->",
  // As in the picture: nothing of it is in the store.
  connection: "-.->",
};

/** Names are anybody's: all but letters, digits and plain signs is a number to Mermaid. */
function escaped(text: string): string {
  return printable(text).replace(/[^\p{L}\p{N} ,._/:-]/gu, (sign) => `#${sign.codePointAt(0)};`);
}
