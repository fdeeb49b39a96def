/** A folder of `src/` with what the import law says of it. */
export interface Room {
  /** Folders that files of this one may import, sub-folders by their full name. */
  readonly imports: readonly string[];
  /** Pure folders only compute: no `node:*`, no clock, no entropy, no environment of the host. */
  readonly pure?: true;
  /** Files besides `index.ts` that may be imported or started from outside. */
  readonly entries?: readonly string[];
  /** Its sub-folders belong to it; else each is a room of its own, with a row of its own. */
  readonly deep?: true;
  /** Packages that files of this folder may import. */
  readonly packages?: readonly string[];
}

export type Layers = Readonly<Record<string, Room>>;

/** The room that a source file belongs to; its folder below `src` where the table has no row. */
export function roomOf(path: string, layers: Layers): string {
  const folder = path.split("/").slice(1, -1).join("/");
  const top = folder.split("/")[0] ?? "";
  return layers[folder] === undefined && layers[top]?.deep ? top : folder;
}
