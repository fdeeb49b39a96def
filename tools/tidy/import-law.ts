import { posix } from "node:path";
import type { Finding } from "./finding.ts";
import type { Repository } from "./repository.ts";
import { type Layers, type Room, roomOf } from "./room.ts";
import { type ImportEdge, importEdges, isTestFile, sourceFiles } from "./source-graph.ts";

/** Folders import only what the table allows them, and enter each other through the front door. */
export function checkImportLaw(repository: Repository, layers: Layers): Finding[] {
  const files = sourceFiles(repository);
  return [
    ...checkTable(
      files.map((file) => roomOf(file.path, layers)),
      layers,
    ),
    ...files.flatMap((file) => importEdges(file)).flatMap((edge) => checkEdge(edge, layers)),
  ];
}

function checkTable(folders: readonly string[], layers: Layers): Finding[] {
  const existing = new Set(folders);
  const unlisted = [...existing].filter((folder) => layers[folder] === undefined).sort();
  const stale = Object.keys(layers).filter((folder) => !existing.has(folder));
  const unknown = Object.entries(layers).flatMap(([folder, room]) =>
    room.imports
      .filter((imported) => layers[imported] === undefined)
      .map((imported) => `${folder} may import ${imported}, which is no folder of the table`),
  );
  const path = "tools/tidy/layers.ts";
  return [
    ...unlisted.map((folder) => `src/${folder} is missing from the table`),
    ...stale.map((folder) => `src/${folder} has no source files: take it out of the table`),
    ...unknown,
  ].map((message) => ({ path, message }));
}

function checkEdge(edge: ImportEdge, layers: Layers): Finding[] {
  const room = layers[roomOf(edge.from, layers)];
  // The folder itself is missing from the table, which is a finding of its own.
  if (room === undefined) return [];
  const message =
    edge.to === undefined
      ? whyNoPackage(edge.specifier, room)
      : whyNoFile(edge.from, edge.to, room, layers);
  return message === undefined ? [] : [{ path: edge.from, line: edge.line, message }];
}

function whyNoPackage(specifier: string, room: Room): string | undefined {
  if (specifier.startsWith("node:")) {
    return room.pure ? `a pure folder imports no ${specifier}` : undefined;
  }
  const parts = specifier.split("/");
  const name = specifier.startsWith("@") ? parts.slice(0, 2).join("/") : parts[0];
  if (room.packages?.includes(name ?? "")) return undefined;
  return `the package ${name} is not allowed in this folder`;
}

function whyNoFile(from: string, to: string, room: Room, layers: Layers): string | undefined {
  if (isTestFile(to)) return `${to} is no source file; only tests may import it`;
  const [here, there] = [roomOf(from, layers), roomOf(to, layers)];
  const file = posix.basename(to);
  if (here === there) {
    return file === "index.ts" ? "inside a folder, import the file and not index.ts" : undefined;
  }
  if (!room.imports.includes(there)) return `src/${here} may not import src/${there}`;
  if (file === "index.ts" || layers[there]?.entries?.includes(file)) return undefined;
  return `src/${there} is entered through its index.ts, not ${file}`;
}
