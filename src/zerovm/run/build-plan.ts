import { basename, resolve } from "node:path";
import { type ByteString, byteStringOfText, textOf, ZvmError } from "../../base/index.ts";
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
  parseManifest,
} from "../manifest/index.ts";
import { Aliases } from "./aliases.ts";
import { type ArgumentGrant, expandArgument, scriptGrant } from "./arguments.ts";
import type { FileGrant, FolderGrant, ImageGrant, SessionOptions } from "./options.ts";

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

/** A folder with its guest name settled. */
export interface PlannedFolder extends FolderGrant {
  readonly guest: string;
}

/** A session as it was asked for: the manifest, and what the original told through nvram. */
export interface Plan {
  readonly manifest: Manifest;
  readonly config: ZrtConfig;
  readonly folders: readonly PlannedFolder[];
}

const UNLIMITED = 2n ** 63n - 1n;
const READ = { gets: UNLIMITED, getBytes: UNLIMITED, puts: 0n, putBytes: 0n };
const WRITE = { gets: 0n, getBytes: 0n, puts: UNLIMITED, putBytes: UNLIMITED };
const BOTH = { gets: UNLIMITED, getBytes: UNLIMITED, puts: UNLIMITED, putBytes: UNLIMITED };

const TIMEOUT_SECONDS = 50;
const MEMORY_BYTES = 2 ** 32;

/** Builds the value that a manifest file would give, from options. Creates and opens nothing. */
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
  /** Alias of a file that several arguments name. */
  readonly #granted = new Map<string, ByteString>();

  constructor(options: SessionOptions, program: ResolvedProgram) {
    this.#options = options;
    this.#program = program;
  }

  build(): Plan {
    const { read = [], write = [], images = [], channels = [], folders = [] } = this.#options;
    this.#standardStreams();
    for (const grant of read) this.#grantFile(grant, "read");
    for (const grant of write) this.#grantFile(grant, "write");
    const args = this.#arguments();
    for (const image of [...this.#program.images, ...images]) this.#grantImage(image);
    for (const text of channels) this.#channels.push(parseChannel(text));
    return {
      manifest: this.#manifest(),
      config: configWith({
        args: [...this.#program.args, ...args].map(byteStringOfText),
        env: this.#environment(),
        mounts: this.#mounts,
        mapping: this.#mapping,
      }),
      folders: folders.map((folder) => ({
        ...folder,
        guest: folder.guest ?? `/${basename(resolve(folder.host))}`,
      })),
    };
  }

  #manifest(): Manifest {
    const { timeoutSeconds, memoryBytes, limits, clock, seed, etag } = this.#options;
    const manifest = foldLimits({
      program: resolve(this.#program.path),
      memory: { sizeBytes: memoryBytes ?? MEMORY_BYTES, etag: etag !== undefined },
      timeoutSeconds: timeoutSeconds ?? TIMEOUT_SECONDS,
      channels: this.#channels,
      etag: etag ?? "sha256",
      clock: clock ?? 0,
      seed: seed ?? 0n,
      limits: limits ?? {},
    });
    return freezeManifest(manifest);
  }

  #standardStreams(): void {
    this.#channel("/dev/stdin", "/dev/stdin", 0, READ);
    this.#channel("/dev/stdout", "/dev/stdout", 0, WRITE);
    this.#channel("/dev/stderr", "/dev/stderr", 0, WRITE);
    if (this.#options.interactive !== true) return;
    for (const channel of ["/dev/stdin", "/dev/stdout", "/dev/stderr"]) {
      this.#mapping.push({ channel, mode: "char", truncate: false });
    }
  }

  #grantFile(grant: FileGrant, access: "read" | "write"): ByteString {
    const alias = this.#aliases.take(grant.path, grant.alias);
    this.#channel(alias, resolve(grant.path), 3, access === "read" ? READ : BOTH);
    this.#mapping.push({ channel: alias, mode: "file", truncate: access === "write" });
    return alias;
  }

  #arguments(): string[] {
    const given = this.#options.args ?? [];
    const script = this.#program.takesScript ? scriptGrant(given[0]) : undefined;
    return given.map((argument, index) => {
      if (index === 0 && script !== undefined) return textOf(this.#grantArgument(script));
      const { text, grant } = expandArgument(argument);
      return grant === undefined ? text : textOf(this.#grantArgument(grant));
    });
  }

  #grantArgument({ path, access }: ArgumentGrant): ByteString {
    const key = `${access}:${resolve(path)}`;
    const alias = this.#granted.get(key) ?? this.#grantFile({ path }, access);
    this.#granted.set(key, alias);
    return alias;
  }

  #grantImage(image: ImageGrant): void {
    const isExport = image.mode === "export";
    const alias = this.#aliases.take(image.path, undefined, "mount/");
    this.#channel(alias, resolve(image.path), 3, isExport ? WRITE : READ);
    this.#mapping.push({ channel: alias, mode: "file", truncate: false });
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

/** Reads the eight fields of a manifest's channel line. */
function parseChannel(text: string): ChannelDeclaration {
  const rest = "Version = 20130611\nProgram = /p\nMemory = 1, 0\nTimeout = 1\n";
  const { manifest, findings } = parseManifest(`Channel = ${text}\n${rest}`);
  const channel = manifest?.channels[0];
  const errors = findings.filter((found) => found.severity === "error");
  if (channel !== undefined && errors.length === 0) {
    const { line: _line, columns: _columns, ...declaration } = channel;
    return declaration;
  }
  const reason = errors[0]?.message ?? "it holds '=' or a line break, which a manifest cannot";
  throw new ZvmError("ZVM_CHANNEL", `Cannot read the channel '${text}': ${reason}`, {
    diagnostics: errors.map(({ severity, message, expected }) =>
      expected === undefined ? { severity, message } : { severity, message, expected },
    ),
  });
}
