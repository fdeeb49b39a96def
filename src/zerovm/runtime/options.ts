import type { RunNpm } from "./fetch-package.ts";

/** Where to look and how to fetch; each part has a default. */
export interface RuntimeOptions {
  /** Folder from which `node_modules` is looked for; the current one. */
  readonly cwd?: string;
  readonly ownFolder?: string;
  /** Environment that names cache and settings; that of the process. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Called before something is fetched, with a line for the user. */
  readonly onFetch?: (message: string) => void;
  readonly runNpm?: RunNpm;
  readonly signal?: AbortSignal;
}

/** A runtime as a user names it. */
export interface NewRuntime {
  readonly name: string;
  /** `package@version`, the version exact. */
  readonly package: string;
  /** Path of the program inside the package. */
  readonly file: string;
  readonly summary?: string;
  /** The program's name and what comes before the user's arguments; the runtime's name. */
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Tars of the package, and where they are mounted. */
  readonly images?: readonly { readonly file: string; readonly mountpoint: string }[];
}
