import { resolve } from "node:path";
import {
  type ByteString,
  byteStringOfText,
  printable,
  STANDARD_LIMITS,
  textOf,
} from "../../base/index.ts";
import { isWritable } from "../../channels/index.ts";
import {
  configWith,
  type MappingRecord,
  type MountRecord,
  type ZrtConfig,
} from "../../zrt/index.ts";
import {
  type ChannelDeclaration,
  foldLimits,
  freezeManifest,
  type Manifest,
} from "../manifest/index.ts";
import { Aliases } from "./aliases.ts";
import { type ArgumentGrant, expandArgument, scriptGrant } from "./arguments.ts";
import { lookAt } from "./host-look.ts";
import type { PlannedGrant } from "./judge-grants.ts";
import { parseChannel, parseNameServer } from "./manifest-lines.ts";
import type { FileGrant, FolderGrant, ImageGrant, SessionOptions } from "./options.ts";
import { type PlannedFolder, refuseDevices, settleFolders } from "./settle-folders.ts";

/** A program as it was resolved: a file, and what its runtime brings along. */
export interface ResolvedProgram {
  readonly path: string;
  /** The first argument is a script, granted by naming it. */
  readonly takesScript: boolean;
  /** The program's own name, and what comes before the arguments that were given. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly images: readonly ImageGrant[];
}

/** A session as it was asked for: the manifest, and what the original told through nvram. */
export interface Plan {
  readonly manifest: Manifest;
  readonly config: ZrtConfig;
  readonly folders: readonly PlannedFolder[];
  /** All that was granted of the host, by the options that did. */
  readonly grants: readonly PlannedGrant[];
}

const UNLIMITED = 2n ** 63n - 1n;
const READ = { gets: UNLIMITED, getBytes: UNLIMITED, puts: 0n, putBytes: 0n };
const WRITE = { gets: 0n, getBytes: 0n, puts: UNLIMITED, putBytes: UNLIMITED };
const BOTH = { gets: UNLIMITED, getBytes: UNLIMITED, puts: UNLIMITED, putBytes: UNLIMITED };

const TIMEOUT_SECONDS = 50;
const MEMORY_BYTES = 2 ** 32;

const STANDARD_STREAMS = ["stdin", "stdout", "stderr"] as const;

/**
 * Builds the value that a manifest file would give, from options. Creates and opens nothing.
 *
 * @throws ZvmError ZVM_USAGE, ZVM_ALIAS_CLASH, ZVM_CHANNEL or ZVM_FILE for what the options say.
 */
export function buildPlan(options: SessionOptions, program: ResolvedProgram): Plan {
  return new PlanBuilder(options, program).build();
}

class PlanBuilder {
  readonly #options: SessionOptions;
  readonly #program: ResolvedProgram;
  readonly #aliases = new Aliases();
  readonly #channels: ChannelDeclaration[] = [];
  readonly #mapping: MappingRecord[] = [];
  readonly #mounts: MountRecord[] = [];
  /** Alias of a file by its access and path, for arguments that name it again. */
  readonly #granted = new Map<string, ByteString>();
  readonly #grants: PlannedGrant[] = [];

  constructor(options: SessionOptions, program: ResolvedProgram) {
    this.#options = options;
    this.#program = program;
  }

  build(): Plan {
    const { read = [], write = [], images = [], channels = [], folders = [] } = this.#options;
    const declared = channels.map((text) => ({ text, declaration: parseChannel(text) }));
    this.#standardStreams(new Set(declared.map(({ declaration }) => declaration.alias)));
    for (const grant of read) this.#grantFile(grant, "read", `-r ${grant.path}`);
    for (const grant of write) this.#grantFile(grant, "write", `-w ${grant.path}`);
    const args = this.#arguments();
    for (const image of this.#program.images) this.#grantImage(image);
    for (const image of images) this.#grantImage(image);
    for (const { text, declaration } of declared) this.#declareChannel(text, declaration);
    for (const folder of folders) this.#grantFolder(folder);
    return {
      manifest: this.#manifest(),
      config: configWith({
        args: [...this.#program.args, ...args].map(byteStringOfText),
        env: this.#environment(),
        mounts: this.#mounts,
        mapping: this.#mapping,
      }),
      folders: settleFolders(folders),
      grants: this.#grants,
    };
  }

  #manifest(): Manifest {
    const { timeoutSeconds, memoryBytes, limits, clock, seed, etag, fuel } = this.#options;
    const { node, nameServer, keyFile } = this.#options;
    const manifest = foldLimits({
      program: resolve(this.#program.path),
      memory: { sizeBytes: memoryBytes ?? MEMORY_BYTES, etag: etag !== undefined },
      timeoutSeconds: timeoutSeconds ?? TIMEOUT_SECONDS,
      channels: this.#channels,
      etag: etag ?? "sha256",
      clock: clock ?? 0,
      seed: seed ?? 0n,
      ...(fuel !== undefined && { fuel }),
      limits: limits ?? {},
      ...(node !== undefined && { node }),
      ...(nameServer !== undefined && { nameServer: parseNameServer(nameServer) }),
      ...(keyFile !== undefined && { key: resolve(keyFile) }),
    });
    return freezeManifest(manifest);
  }

  /** The three streams, but those that a declared channel stands in for. */
  #standardStreams(declared: ReadonlySet<ByteString>): void {
    for (const name of STANDARD_STREAMS) {
      const alias = `/dev/${name}`;
      if (declared.has(alias)) continue;
      this.#channel(alias, alias, 0, name === "stdin" ? READ : WRITE);
      if (!this.#isTerminal(name)) continue;
      this.#mapping.push({ channel: alias, mode: "char", truncate: false });
    }
  }

  /** Whether the guest is to take the stream for a terminal. */
  #isTerminal(name: (typeof STANDARD_STREAMS)[number]): boolean {
    if (this.#options.interactive !== true) return false;
    if (this.#options[name] !== "inherit") return true;
    // Loaded here, since most sessions do not ask.
    return process.getBuiltinModule("node:tty").isatty(STANDARD_STREAMS.indexOf(name));
  }

  /** A pipe or device is a stream, in one direction; everything else is a file. */
  #grantFile(grant: FileGrant, access: "read" | "write", origin: string): ByteString {
    const alias = this.#aliases.take(grant.path, grant.alias);
    const path = resolve(grant.path);
    const named = grant.alias === undefined ? origin : `${origin}=${grant.alias}`;
    this.#grants.push({ origin: named, path: grant.path, use: access });
    const key = `${access}:${path}`;
    this.#granted.set(key, this.#granted.get(key) ?? alias);
    if (lookAt(path).kind === "stream") {
      this.#channel(alias, path, 0, access === "read" ? READ : WRITE);
      return alias;
    }
    this.#channel(alias, path, 3, access === "read" ? READ : BOTH);
    this.#mapping.push({ channel: alias, mode: "file", truncate: access === "write" });
    return alias;
  }

  #arguments(): string[] {
    const given = this.#options.args ?? [];
    const script = this.#program.takesScript ? scriptGrant(given[0]) : undefined;
    return given.map((argument, index) => {
      if (index === 0 && script !== undefined) {
        return textOf(this.#grantArgument(script, argument));
      }
      const { text, grant } = expandArgument(argument);
      return grant === undefined ? text : textOf(this.#grantArgument(grant, argument));
    });
  }

  /** What was granted before, also by an option and for more, is not granted again. */
  #grantArgument({ path, access }: ArgumentGrant, origin: string): ByteString {
    const file = resolve(path);
    const known = this.#granted.get(`write:${file}`) ?? this.#granted.get(`${access}:${file}`);
    return known ?? this.#grantFile({ path }, access, origin);
  }

  #grantImage(image: ImageGrant): void {
    const isExport = image.mode === "export";
    const shown = printable(image.path);
    const what = isExport ? `write the image ${shown} from` : `mount the image ${shown} on`;
    refuseDevices(image.mountpoint, what, `'--image ${shown}:`);
    const alias = this.#aliases.takeForImage(image.path);
    const path = resolve(image.path);
    const origin = `--image ${image.path}${isExport ? `:${image.mountpoint}:export` : ""}`;
    this.#grants.push({ origin, path: image.path, use: isExport ? "export" : "image" });
    const isStream = isExport && lookAt(path).kind === "stream";
    const imageBytes = this.#options.limits?.["image-bytes"] ?? STANDARD_LIMITS["image-bytes"];
    const limits = isExport ? { ...WRITE, putBytes: BigInt(imageBytes) } : READ;
    this.#channel(alias, path, isStream ? 0 : 3, limits);
    if (!isStream) this.#mapping.push({ channel: alias, mode: "file", truncate: false });
    this.#mounts.push({
      channel: alias,
      mountpoint: byteStringOfText(image.mountpoint),
      access: isExport ? "wo" : "ro",
      readonly: image.mode === "ro",
      meta: "archive",
      removable: false,
      fsname: "tar",
    });
  }

  /** A snapshot is judged when it is taken; one that comes back is written after the session. */
  #grantFolder({ host, guest, mode }: FolderGrant): void {
    if (mode !== "rw") return;
    const place = guest === undefined ? "" : `:${guest}`;
    this.#grants.push({ origin: `--dir ${host}${place}:rw`, path: host, use: "folder" });
  }

  #declareChannel(text: string, declaration: ChannelDeclaration): void {
    this.#aliases.declare(declaration.alias, text);
    this.#channels.push(declaration);
    const writes = isWritable(declaration.limits);
    for (const source of declaration.sources) {
      if (source.kind !== "path") continue;
      this.#grants.push({ origin: `-c ${text}`, path: source.path, use: "channel", writes });
    }
  }

  #channel(
    alias: ByteString,
    path: string,
    type: number,
    limits: ChannelDeclaration["limits"],
  ): void {
    const etag = this.#options.etag !== undefined;
    this.#channels.push({ alias, type, etag, limits, sources: [{ kind: "path", path }] });
  }

  #environment(): [ByteString, ByteString][] {
    const env = { ...this.#program.env, ...this.#options.env };
    return Object.entries(env).map(([name, value]) => [
      byteStringOfText(name),
      byteStringOfText(value),
    ]);
  }
}
