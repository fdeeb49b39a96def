import { type Finding, lineOf } from "./finding.ts";
import type { Repository } from "./repository.ts";
import { type Layers, roomOf } from "./room.ts";
import { sourceFiles } from "./source-graph.ts";
import { maskSource } from "./source-text.ts";

/** Names of the host's clock, entropy, environment and devices. */
const HOST_NAMES = [
  "Date",
  "Buffer",
  "console",
  "crypto",
  "fetch",
  "global",
  "globalThis",
  "performance",
  "process",
  "queueMicrotask",
  "require",
  "setImmediate",
  "setInterval",
  "setTimeout",
];

/** Functions that answer differently from host to host. */
const HOST_CALLS = /\bMath\s*\.\s*random\b|\.\s*toLocale\w*\b|\bIntl\b/g;

/** Folders that only compute get the world as arguments: they name nothing of the host. */
export function checkPureFolders(repository: Repository, layers: Layers): Finding[] {
  const pure = sourceFiles(repository).filter((file) => layers[roomOf(file.path, layers)]?.pure);
  return pure.flatMap((file) => {
    const masked = maskSource(file.text);
    return [...namesIn(masked), ...masked.matchAll(HOST_CALLS)].map((match) => ({
      path: file.path,
      line: lineOf(masked, match.index),
      message: `a pure folder uses no ${match[0].trim()}: take it as an argument`,
    }));
  });
}

function namesIn(masked: string): RegExpExecArray[] {
  const used = HOST_NAMES.filter((name) => masked.includes(name) && !isOurs(masked, name));
  if (used.length === 0) return [];
  // A name after a dot or before a colon belongs to one of our own values.
  return [
    ...masked.matchAll(new RegExp(`(?<![.\\w$#])(?:${used.join("|")})(?![\\w$]|\\??:)`, "g")),
  ];
}

/** Whether the file declares or imports the name itself: then it means something of ours. */
function isOurs(masked: string, name: string): boolean {
  const declared = new RegExp(`\\b(?:const|let|function|class|interface|type)\\s+${name}\\b`);
  const parameter = new RegExp(`[(,]\\s*(?:readonly\\s+)?${name}\\??\\s*:\\s*[A-Z]`);
  const imported = new RegExp(`\\bimport\\b[^;"']*\\b${name}\\b[^;"']*\\bfrom\\b`);
  return [declared, parameter, imported].some((form) => form.test(masked));
}
