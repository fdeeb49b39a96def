import { spawnSync } from "node:child_process";
import { chmodSync, chownSync, mkdirSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** What must make no difference: the surroundings of one run. */
export interface Variation {
  readonly name: string;
  readonly env: Readonly<Record<string, string>>;
  readonly workingDirectory: string;
  /** User and group to run as; none: whoever runs the matrix. */
  readonly user?: number;
}

export interface Variations {
  readonly all: readonly Variation[];
  /** What this machine cannot vary, and why. */
  readonly leftOut: readonly string[];
  /** Removes the folders that were made for them. */
  dispose(): void;
}

/** A user without rights, who may still read and run what everybody may. */
export const STRANGER = 65534;

export function makeVariations(): Variations {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "matrix-")));
  chmodSync(folder, 0o755);
  const here = process.cwd();
  const dispose = () => rmSync(folder, { recursive: true, force: true });
  const all: Variation[] = [
    { name: "plain", workingDirectory: here, env: surroundings("UTC", "C", homeIn(folder, "a")) },
    {
      name: "abroad",
      workingDirectory: folder,
      env: surroundings("Asia/Kathmandu", "de_DE.UTF-8", homeIn(folder, "b b")),
    },
  ];
  const stranger: Variation = {
    name: "as another user",
    workingDirectory: "/",
    env: surroundings("America/St_Johns", "tr_TR.UTF-8", homeIn(folder, "c", STRANGER)),
    user: STRANGER,
  };
  const why = whyNotStranger(here);
  if (why === undefined) all.push(stranger);
  return { all, leftOut: why === undefined ? [] : [`runs as another user (${why})`], dispose };
}

/** The whole environment of a run: nothing of the caller's but the way to find programs. */
function surroundings(timeZone: string, language: string, home: string): Record<string, string> {
  const path = process.env["PATH"] ?? "/usr/bin:/bin";
  return { PATH: path, TZ: timeZone, LANG: language, LC_ALL: language, HOME: home, TMPDIR: home };
}

function homeIn(folder: string, name: string, owner?: number): string {
  const home = join(folder, name);
  mkdirSync(home);
  if (owner !== undefined && process.getuid?.() === 0) chownSync(home, owner, owner);
  return home;
}

/** Why nothing can be run as that user, with the files of the folder `root`. */
export function whyNotStranger(root: string): string | undefined {
  if (process.getuid?.() !== 0) return "only root may change users";
  const script = `require("node:fs").readFileSync(${JSON.stringify(join(root, "package.json"))})`;
  const as = { uid: STRANGER, gid: STRANGER, cwd: "/" };
  const run = spawnSync(process.execPath, ["-e", script], as);
  return run.status === 0 ? undefined : "this folder cannot be read by other users";
}
