import { existsSync, rmdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { printable, ZvmError } from "../../base/index.ts";
import { formatNvram } from "../../zrt/index.ts";
import { formatManifest, freezeManifest, type Manifest } from "../manifest/index.ts";
import { makeHostFolder } from "../program/index.ts";
import type { Plan } from "./build-plan.ts";
import { reasonOf } from "./host-look.ts";

const MANIFEST_NAME = "session.manifest";
const NVRAM_NAME = "nvram.txt";
const UNLIMITED = 2n ** 63n - 1n;

/** A session that was written down. */
export interface SavedPlan {
  /** Path of the manifest. */
  readonly path: string;
  /** The same session, in which the guest sees its configuration as `/dev/nvram`, as in `exec`. */
  readonly plan: Plan;
}

/** The files that `savePlan` writes. */
export function savedFiles(folder: string): string[] {
  return [MANIFEST_NAME, NVRAM_NAME].map((name) => join(resolve(folder), name));
}

/**
 * Writes a session down as a manifest and its nvram, which `zerovm exec` runs.
 *
 * @throws ZvmError ZVM_MANIFEST_UNWRITABLE for what the text form cannot hold: folders, paths
 *   with `,` `;` `:` `=`, arguments and environment that are too long for an nvram; nothing is
 *   written then.
 */
export function savePlan(plan: Plan, folder: string): SavedPlan {
  const taken = plan.folders[0];
  if (taken !== undefined) {
    throw new ZvmError(
      "ZVM_MANIFEST_UNWRITABLE",
      `A manifest cannot hold the folder ${printable(taken.host)}: pack it with ` +
        "'zerovm image build' and grant it with --image",
    );
  }
  const nvramPath = join(resolve(folder), NVRAM_NAME);
  const nvram = nvramOf(plan);
  const manifest = withNvram(plan.manifest, nvramPath);
  const text = formatManifest(manifest);
  const manifestPath = join(folder, MANIFEST_NAME);
  const made = topmostMissing(resolve(folder));
  try {
    makeHostFolder(resolve(folder));
    writeFileSync(nvramPath, nvram);
    writeFileSync(manifestPath, text);
  } catch (cause) {
    if (made !== undefined) removeMade(resolve(folder), made);
    const message = `Cannot save the session in ${printable(folder)}: ${reasonOf(cause)}`;
    throw new ZvmError("ZVM_FILE", message, { cause });
  }
  return { path: manifestPath, plan: { ...plan, manifest } };
}

/** The first folder of this path that has to be made. */
function topmostMissing(folder: string): string | undefined {
  let missing: string | undefined;
  for (let at = folder; !existsSync(at); at = dirname(at)) missing = at;
  return missing;
}

/** Leaves nothing of what we made, and all that others put there meanwhile. */
function removeMade(folder: string, topmost: string): void {
  for (const name of [NVRAM_NAME, MANIFEST_NAME]) {
    quietly(() => rmSync(join(folder, name), { force: true }));
  }
  for (let at = folder; at.length >= topmost.length; at = dirname(at)) quietly(() => rmdirSync(at));
}

function quietly(remove: () => void): void {
  try {
    remove();
  } catch {
    // What was never made cannot be removed; what is told is why it could not be.
  }
}

function nvramOf({ config }: Plan): Uint8Array {
  try {
    return formatNvram(config);
  } catch (cause) {
    if (!(cause instanceof ZvmError)) throw cause;
    const message =
      `Cannot save the session: ${cause.message}; ` +
      "give the guest long texts as files, with @FILE or -r";
    throw new ZvmError("ZVM_MANIFEST_UNWRITABLE", message, { cause });
  }
}

function withNvram(manifest: Manifest, path: string): Manifest {
  const nvram = {
    alias: "/dev/nvram",
    type: 3,
    etag: false,
    limits: { gets: UNLIMITED, getBytes: UNLIMITED, puts: 0n, putBytes: 0n },
    sources: [{ kind: "path", path }],
  } as const;
  return freezeManifest({ ...manifest, channels: [...manifest.channels, nvram] });
}
