import { execFileSync, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  rmdirSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { PYTHON } from "./packages.ts";
import { type Bound, STORAGE_KINDS, type StorageKind } from "./pipelines.ts";
import type { Owner } from "./server-process.ts";

/** Partitions are two to this: enough for three disks. */
const PART_POWER = 6;
/** Who starts a cluster, and whose all is that no server writes. */
export const ROOT: Owner = { uid: 0, gid: 0 };
const FILTERS = resolve("swift", "zerocloud");
const OWN_SETTINGS = resolve("tools", "swift", "own_settings.py");
const BUILD_RINGS = resolve("tools", "swift", "build_rings.py");

/** The folder of a cluster: settings, rings, logs, and what each node and the coordinator keep. */
export class Layout {
  readonly folder: string;
  /** Whom Swift's servers run as. */
  readonly swift: Owner;

  constructor(folder: string) {
    this.folder = folder;
    this.swift = { uid: idOf("-u", "swift"), gid: idOf("-g", "swift") };
    // The servers of several users have to get to what is theirs.
    chmodSync(folder, 0o755);
    for (const name of ["conf", "lib", "logs"]) this.make(name, ROOT, 0o755);
    this.#install(OWN_SETTINGS);
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  /** Makes a folder of an owner's. */
  make(name: string, { uid, gid }: Owner, mode: number): string {
    const path = this.path(name);
    mkdirSync(path, { recursive: true });
    chownSync(path, uid, gid);
    chmodSync(path, mode);
    return path;
  }

  /** Settings that Swift's user reads, and nobody else: they hold keys. */
  write(name: string, text: string): string {
    return this.#write(name, text, { ...ROOT, mode: 0o640 });
  }

  /** Settings that all servers may read. */
  writeOpen(name: string, text: string): string {
    return this.#write(name, text, { ...ROOT, mode: 0o644 });
  }

  /** The secret that coordinator and object servers share. */
  writeSecret({ uid }: Owner): string {
    const secret = `${randomBytes(32).toString("hex")}\n`;
    return this.#write("conf/secret", secret, { uid, mode: 0o440 });
  }

  /** Puts our filters where the servers of this cluster find them. */
  installFilters(): void {
    if (!existsSync(FILTERS)) throw new Error(`${FILTERS} is not there: these are our filters`);
    this.#install(FILTERS);
  }

  /** Where Swift's user cannot write extended attributes no object could be stored. */
  refuseBadPlace(): void {
    const place = this.make("probe", this.swift, 0o700);
    const probe = "import os, sys; os.setxattr(sys.argv[1], 'user.zerovm', b'1')";
    const { status } = spawnSync(PYTHON, ["-c", probe, place], { ...this.swift, cwd: "/" });
    rmdirSync(place);
    if (status === 0) return;
    throw new Error(
      `The user swift cannot keep objects in ${dirname(this.folder)}: other users may not enter ` +
        "it, or its file system has no extended attributes (user.*): name another by TMPDIR",
    );
  }

  /** One device a node, of all kinds of servers; `object-1` is that of the second policy. */
  buildRings(
    nodes: readonly Readonly<Record<StorageKind, Bound>>[],
    { replicas, coded }: { readonly replicas: number; readonly coded: boolean },
  ): void {
    const ring = (name: string, kind: StorageKind) => ({
      path: this.path(`${name}.ring.gz`),
      replicas,
      devices: nodes.map((node, at) => ({ ...node[kind], zone: at + 1, device: "d1" })),
    });
    const rings = STORAGE_KINDS.map((kind) => ring(kind, kind));
    if (coded) rings.push(ring("object-1", "object"));
    execFileSync(PYTHON, [BUILD_RINGS], {
      input: JSON.stringify({ part_power: PART_POWER, rings }),
      stdio: ["pipe", "ignore", "inherit"],
    });
    for (const { path } of rings) chmodSync(path, 0o644);
  }

  /** Of Swift's group, with that mode whatever the mask of who starts the cluster. */
  #write(name: string, text: string, { uid, mode }: { uid: number; mode: number }): string {
    const path = this.path(name);
    writeFileSync(path, text, { mode: 0o600 });
    chownSync(path, uid, this.swift.gid);
    chmodSync(path, mode);
    return path;
  }

  /** Copies Python to where all servers can read it, wherever the repository is. */
  #install(path: string): void {
    const copy = this.path(join("lib", basename(path)));
    cpSync(path, copy, { recursive: true });
    execFileSync("chmod", ["-R", "a+rX", copy]);
  }
}

function idOf(flag: "-u" | "-g", user: string): number {
  return Number(execFileSync("id", [flag, user], { encoding: "utf8" }));
}
