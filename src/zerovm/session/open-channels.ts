import { fstatSync, ftruncateSync, realpathSync, type Stats, statSync, unlinkSync } from "node:fs";
import type { ByteString } from "../../base/index.ts";
import { isReadable, isWritable, preallocatedBytes, sizeAtMount } from "../../channels/index.ts";
import type { OrderChannel, OrderSource } from "../cell/index.ts";
import {
  type ChannelDeclaration,
  channelShape,
  type Finding,
  guestOrder,
  mountOrder,
  openFailure,
  type PathSource,
  type Source,
} from "../manifest/index.ts";
import type { ExportFile } from "./cut-exports.ts";
import type { Handovers } from "./handovers.ts";
import { describeWire } from "./held-wires.ts";
import {
  canBlock,
  isTerminal,
  kindOfPath,
  kindOfStats,
  openPath,
  reasonOf,
  standardFd,
} from "./host-file.ts";
import { identityOfStats } from "./host-identity.ts";
import {
  type FileSubstitute,
  isStream,
  type StreamSubstitute,
  type Substitute,
  type WireEnd,
} from "./request.ts";
import { scratchFile } from "./scratch-file.ts";

export interface OpenOptions {
  readonly substitutes: ReadonlyMap<ByteString, Substitute>;
  readonly interactive: boolean;
  readonly preallocate: boolean;
  /** The ends of network sources, which are connected by now. */
  readonly wires?: ReadonlyMap<Source, WireEnd>;
}

/** A pipe between a stream of this process and the cell. */
export interface PipeEnd {
  readonly alias: ByteString;
  readonly cellFd: number;
  readonly substitute: StreamSubstitute;
}

interface OpenSource {
  readonly fd: number;
  readonly cellFd: number;
  readonly stats: Stats;
  readonly isStandard: boolean;
  readonly isFile: boolean;
  /** What it was opened by. */
  readonly path?: string;
  readonly wire?: WireEnd;
}

/** A file that the cell extends, with the size it was found with. */
interface Extended {
  readonly fd: number;
  readonly foundBytes: number;
  readonly sizeBytes: number;
}

interface OpenChannel {
  readonly declaration: ChannelDeclaration;
  readonly sources: readonly OpenSource[];
  readonly pipe?: PipeEnd;
}

/** A path passed every check and still did not open: the session is refused after all. */
export class OpenFailure extends Error {
  readonly finding: Finding;
  constructor(finding: Finding, cause: unknown) {
    super(finding.message, { cause });
    this.finding = finding;
  }
}

/** Opens the sources of all channels, without changing any, and describes them for the cell. */
export class ChannelOpener {
  readonly #handovers: Handovers;
  readonly #options: OpenOptions;
  readonly #created: { readonly path: string; readonly stats: Stats }[] = [];
  readonly #extended: Extended[] = [];
  readonly #open: OpenChannel[] = [];

  constructor(handovers: Handovers, options: OpenOptions) {
    this.#handovers = handovers;
    this.#options = options;
  }

  /** @returns the channels in guest order. @throws OpenFailure */
  open(channels: readonly ChannelDeclaration[]): OrderChannel[] {
    for (const channel of mountOrder(channels)) this.#open.push(this.#openChannel(channel));
    const written = this.#writtenFiles();
    const described = this.#open.map((channel) => this.#describe(channel, written));
    return guestOrder(described);
  }

  /** Descriptors that must stay open until the cell has ended, for `cutExtended`. */
  get kept(): ReadonlySet<number> {
    return new Set(this.#extended.map(({ fd }) => fd));
  }

  get pipes(): readonly PipeEnd[] {
    return this.#open.flatMap(({ pipe }) => (pipe === undefined ? [] : [pipe]));
  }

  /** The descriptor of a channel that is one regular file, for who reads it beside the guest. */
  fileOf(alias: ByteString): { readonly fd: number; readonly sizeBytes: number } | undefined {
    const channel = this.#open.find(({ declaration }) => declaration.alias === alias);
    const source = channel?.sources[0];
    if (source === undefined || !source.isFile || channel?.sources.length !== 1) return undefined;
    return { fd: source.fd, sizeBytes: source.stats.size };
  }

  /** The regular files behind channels that something is exported to. */
  exportFiles(aliases: ReadonlySet<ByteString>): ExportFile[] {
    return this.#open.flatMap(({ declaration, sources }) => {
      const { alias, limits } = declaration;
      if (!aliases.has(alias)) return [];
      const isEmptied = !isReadable(limits);
      return sources.flatMap(({ stats, isFile, path }) => {
        if (!isFile || path === undefined) return [];
        const isCreated = this.#created.some((made) => made.path === path);
        return [{ alias, path, stats, isCreated, isEmptied }];
      });
    });
  }

  /** No guest ran: files that were not there before go again, if nothing is in them. */
  removeCreated(): void {
    for (const { path, stats } of this.#created) {
      try {
        const real = realpathSync(path);
        const now = statSync(real);
        if (now.size === 0 && now.ino === stats.ino && now.dev === stats.dev) unlinkSync(real);
      } catch {
        // Whoever took it away or moved it meanwhile did our work.
      }
    }
  }

  /**
   * The cell cut nothing: an extended file without contents is emptied here. One that the cell
   * never touched is left as it was found, sparse or not.
   * @returns the channels whose files keep the size they were extended to.
   */
  cutExtended(started: boolean): number {
    let kept = 0;
    for (const { fd, foundBytes, sizeBytes } of this.#extended) {
      const { blocks, size } = fstatSync(fd);
      if (size !== sizeBytes || (!started && size === foundBytes)) continue;
      if (blocks === 0) ftruncateSync(fd, 0);
      else kept += 1;
    }
    return kept;
  }

  #openChannel(declaration: ChannelDeclaration): OpenChannel {
    const substitute = this.#options.substitutes.get(declaration.alias);
    if (substitute?.kind === "wires") {
      return { declaration, sources: substitute.ends.map((end) => this.#takeWire(end)) };
    }
    if (substitute === undefined) {
      return { declaration, sources: this.#openSources(declaration) };
    }
    if (!isStream(substitute)) {
      const fd = this.#fileOf(substitute);
      const cellFd = this.#handovers.give(fd);
      const source = { fd, cellFd, stats: fstatSync(fd), isStandard: false, isFile: true };
      return { declaration, sources: [source] };
    }
    const cellFd = this.#handovers.givePipe();
    return { declaration, sources: [], pipe: { alias: declaration.alias, cellFd, substitute } };
  }

  /** Of what is read, other sessions come before the files of this host, as in the original. */
  #openSources(declaration: ChannelDeclaration): OpenSource[] {
    const { sources, limits } = declaration;
    const paths = sources.filter(({ kind }) => kind === "path");
    const network = sources.filter(({ kind }) => kind === "network");
    return (isWritable(limits) ? sources : [...network, ...paths]).flatMap((source) => {
      if (source.kind === "path") return [this.#openSource(declaration, source)];
      const wire = this.#options.wires?.get(source);
      return wire === undefined ? [] : [this.#takeWire(wire)];
    });
  }

  #takeWire(wire: WireEnd): OpenSource {
    const fd = this.#handovers.own(wire.fd);
    const cellFd = this.#handovers.give(fd);
    return { fd, cellFd, stats: fstatSync(fd), isStandard: false, isFile: false, wire };
  }

  #fileOf(substitute: FileSubstitute): number {
    if (substitute.kind === "file") return substitute.fd;
    return this.#handovers.own(scratchFile(substitute.bytes));
  }

  #openSource(declaration: ChannelDeclaration, source: PathSource): OpenSource {
    const kind = kindOfPath(source.path, declaration);
    const standard = standardFd(source.path);
    if (standard !== undefined) {
      const cellFd = this.#handovers.give(standard);
      const stats = fstatSync(standard);
      return { fd: standard, cellFd, stats, isStandard: true, isFile: kind === "regular" };
    }
    try {
      const fd = this.#handovers.own(openPath(source.path, kind, declaration));
      const stats = fstatSync(fd);
      const isFile = stats.isFile();
      if (kind === "missing") this.#created.push({ path: source.path, stats });
      const expected = kind === "missing" ? "regular" : kind;
      if (kindOfStats(stats) !== expected) throw new Error("it was exchanged meanwhile");
      const cellFd = this.#handovers.give(fd);
      return { fd, cellFd, stats, isStandard: false, isFile, path: source.path };
    } catch (cause) {
      throw new OpenFailure(openFailure(declaration, source, kind, reasonOf(cause)), cause);
    }
  }

  /** Files that some channel can write, by device and inode. */
  #writtenFiles(): ReadonlySet<string> {
    const written = new Set<string>();
    for (const { declaration, sources } of this.#open) {
      if (!isWritable(declaration.limits)) continue;
      for (const { stats } of sources) written.add(identityOfStats(stats));
    }
    return written;
  }

  #describe(channel: OpenChannel, written: ReadonlySet<string>): OrderChannel {
    const { declaration, sources, pipe } = channel;
    const { alias, etag, limits } = declaration;
    const shape = channelShape(declaration);
    const [first] = sources;
    const sizeBytes =
      first === undefined
        ? 0
        : sizeAtMount(shape, first.isFile ? "file" : "stream", first.stats.size);
    const described = sources.map((source) => this.#describeSource(declaration, source, written));
    return {
      alias,
      type: shape.type,
      etag,
      ...limits,
      sizeBytes,
      sources: pipe === undefined ? described : [this.#describePipe(pipe)],
    };
  }

  #describePipe({ cellFd }: PipeEnd): OrderSource {
    const { interactive } = this.#options;
    return { kind: "stream", fd: cellFd, interactive, writeBehind: false, waits: true };
  }

  #describeSource(
    declaration: ChannelDeclaration,
    source: OpenSource,
    written: ReadonlySet<string>,
  ): OrderSource {
    const { stats, cellFd, wire } = source;
    if (wire !== undefined) return describeWire(wire, cellFd);
    if (source.isFile) {
      const writes = isWritable(declaration.limits);
      const resize = writes ? this.#resizeOf(declaration, source) : [];
      const readAhead = !writes && !written.has(identityOfStats(stats));
      return { kind: "file", fd: cellFd, readAhead, cut: writes, resize };
    }
    return {
      kind: "stream",
      fd: cellFd,
      interactive: this.#options.interactive || isTerminal(stats),
      writeBehind: stats.isFile(),
      waits: canBlock(stats),
    };
  }

  /** A file that is only written is emptied; what is empty then is extended to its limit. */
  #resizeOf(declaration: ChannelDeclaration, source: OpenSource): number[] {
    const sizes = isReadable(declaration.limits) ? [] : [0];
    if (!this.#options.preallocate) return sizes;
    const bytes = preallocatedBytes(channelShape(declaration), source.stats.size);
    // Without a real limit there is nothing to reserve, and no file system could.
    if (bytes === undefined || bytes > EXTENDED_BYTES_MAX) return sizes;
    const { fd, stats } = source;
    this.#extended.push({ fd, foundBytes: stats.size, sizeBytes: Number(bytes) });
    return [...sizes, Number(bytes)];
  }
}

/** Files are extended to at most 16 TiB, the most that the usual file system holds. */
const EXTENDED_BYTES_MAX = 2n ** 44n - 4096n;
