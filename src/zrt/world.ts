import { assert, type ByteString, type LimitName, memorySource } from "../base/index.ts";
import { tableOf } from "../tar/index.ts";
import { ChannelSink } from "./channel-sink.ts";
import { ForkPoint, type Mapping, populateDev } from "./dev/index.ts";
import { forksOf, judgeForks } from "./forks.ts";
import {
  Budget,
  DescriptorTable,
  type DirectoryNode,
  exportTree,
  makeDirectories,
  mountImage,
  type Node,
  OpenFile,
  type Origin,
  Tree,
} from "./fs/index.ts";
import { type Beginning, beginningOf, leftoversOf } from "./leftovers.ts";
import {
  type NaclStart,
  type NaclWorld,
  naclWorld,
  RefusedCalls,
  stateOf,
  writeStart,
} from "./nacl/index.ts";
import { errnoName, shown } from "./shown.ts";
import { type NexeSpace, trapCalls } from "./trap/index.ts";
import { identity, withVariables } from "./variables.ts";
import {
  ALL_RIGHTS,
  type DeniedPath,
  DeniedPaths,
  Ending,
  type Guest,
  GuestMemory,
  type GuestWords,
  RIGHT,
  RightsTable,
  wasiCalls,
} from "./wasi/index.ts";
import type { ResumedState, Zrt } from "./zrt.ts";
import type { Continuation, Export, ZrtOptions } from "./zrt-options.ts";

const TMP_MODE = 0o777;
const HOME_MODE = 0o755;
const FIRST_PREOPEN_FD = 3;

const STANDARD_STREAMS = [
  { path: "/dev/stdin", read: true, write: false },
  { path: "/dev/stdout", read: false, write: true },
  { path: "/dev/stderr", read: false, write: true },
] as const;

export function createZrt(options: ZrtOptions): Zrt {
  return new World(options);
}

class World implements Zrt {
  readonly #warnings: string[] = [];
  readonly #refusedCalls = new RefusedCalls();
  readonly ending = new Ending();
  readonly #options: ZrtOptions;
  readonly #budget: Budget;
  readonly #tree: Tree;
  readonly #descriptors: DescriptorTable;
  readonly #rights = new RightsTable();
  readonly #preopens = new Map<OpenFile, ByteString>();
  readonly #forkPoint: ForkPoint;
  #exports: readonly Export[];
  readonly #words: GuestWords;
  readonly #mapping: Map<ByteString, Mapping>;
  #next: Continuation | undefined;
  #nacl: NaclWorld | undefined;
  readonly #denied = new DeniedPaths();
  readonly #cwd: DirectoryNode;
  readonly #beginning: Beginning;

  constructor(options: ZrtOptions) {
    this.#options = options;
    this.#exports = options.exports;
    this.#words = { args: options.args, env: options.env };
    this.#mapping = new Map(options.mapping);
    this.#forkPoint = new ForkPoint(options.fork && (() => this.#takenOver()));
    this.#budget = new Budget(options.limits);
    this.#tree = new Tree(this.#budget, () => options.clock.peek());
    this.#descriptors = new DescriptorTable(this.#budget, (file) => {
      file.node.openCount -= 1;
      this.#tree.freeIfUnused(file.node);
    });
    populateDev(this.#tree, options.channels, this.#mapping, options.entropy, this.#forkPoint);
    makeDirectories(this.#tree, "tmp", { mode: TMP_MODE });
    this.#openStandardStreams();
    this.#mountImages();
    this.#makeExportFolders();
    this.#preopen("/", this.#tree.root);
    for (const name of options.preopens) this.#preopenFolder(name);
    this.#cwd = this.#home();
    this.#openForks(options.forks ?? []);
    this.#beginning = beginningOf(this.#tree, this.#descriptors);
    // From here on: the guest begins at the very start of its clock, whatever was mounted.
    this.#tree.afterChange = () => {
      options.clock.look();
    };
  }

  wasiImports(memory: () => WebAssembly.Memory, calls = wasiCalls()): WebAssembly.Imports {
    calls.seat.take(this.#guest(memory));
    return calls.imports;
  }

  #guest(memory: () => WebAssembly.Memory): Guest {
    const options = this.#options;
    return {
      memory: new GuestMemory(memory, options.trace),
      tree: this.#tree,
      descriptors: this.#descriptors,
      rights: this.#rights,
      clock: options.clock,
      entropy: options.entropy,
      trace: options.trace,
      words: this.#words,
      channels: options.channels,
      denied: this.#denied,
      ending: this.ending,
      forkPoint: this.#forkPoint,
      preopens: this.#preopens,
      spans: { pairs: [], count: 0, totalBytes: 0 },
      cwd: this.#cwd,
      uid: identity(this.#variable("UID")),
      gid: identity(this.#variable("GID")),
    };
  }

  trapImports(
    memory: () => WebAssembly.Memory,
    space: NexeSpace,
    calls = trapCalls(),
  ): WebAssembly.Imports {
    const guest = this.#guest(memory);
    const nacl = naclWorld(guest, space, this.#refusedCalls);
    this.#nacl = nacl;
    judgeForks(this.#options.forks ?? [], this.#descriptors, this.#budget.openFilesMax);
    calls.seat.take({ guest, space, nacl });
    return calls.imports;
  }

  startNacl(): NaclStart {
    assert(this.#nacl !== undefined, "the program of Native Client has its imports");
    return writeStart(this.#nacl);
  }

  naclState(): ResumedState {
    assert(this.#nacl !== undefined, "the program of Native Client has its imports");
    const { args, env } = this.#words;
    return { ...stateOf(this.#nacl), args, env, forks: forksOf(this.#descriptors) };
  }

  precache(): void {
    this.#forkPoint.reach();
    if (this.#next === undefined) return;
    this.#words.args = this.#next.args;
    this.#words.env = this.#next.env;
  }

  finish(): void {
    for (const { channel: index, mountpoint } of this.#exports) {
      const channel = this.#options.channels[index];
      assert(channel !== undefined, "an export names a channel of the session");
      const sink = new ChannelSink(channel);
      // A channel that cannot be written says so itself.
      const { putBytes } = channel.shape.limits;
      const bytesMax = channel.writable ? Number(putBytes) : Number.POSITIVE_INFINITY;
      const found = exportTree(this.#tree, mountpoint, sink, bytesMax);
      if (!found) this.#warnings.push(`There is no ${shown(mountpoint)} to export: empty archive`);
    }
  }

  get warnings(): readonly string[] {
    return [...this.#warnings, ...this.#refusedCalls.warnings()];
  }

  leftovers(): string[] {
    const calls = [...(this.#nacl?.lost ?? [])];
    const lost = calls.map((name) => `It called ${name}, whose effect would be lost`);
    return [...lost, ...leftoversOf(this.#beginning, this.#tree, this.#descriptors)];
  }

  hits(): LimitName[] {
    return this.#budget.hits();
  }

  denied(): DeniedPath[] {
    return this.#denied.all();
  }

  #takenOver(): readonly ByteString[] | undefined {
    const next = this.#options.fork?.();
    this.#next = next;
    if (next === undefined) return undefined;
    this.#exports = next.exports;
    this.#words.env = withVariables(this.#words.env, next.env);
    for (const { channel, ...mapping } of next.mapping) this.#mapping.set(channel, mapping);
    return next.args;
  }

  #origin(): Origin {
    return { start: this.#tree.root, ceiling: this.#tree.root };
  }

  #openStandardStreams(): void {
    STANDARD_STREAMS.forEach(({ path, read, write }, fd) => {
      const node = this.#tree.find(this.#origin(), path, true);
      if (typeof node === "number") return;
      const access = { read, write, append: false, truncate: false };
      const file = new OpenFile(node, access, this.#tree.root, this.#tree.now);
      if (this.#isTerminal(node, fd)) this.#markAsTerminal(file);
      this.#add(file, fd);
    });
  }

  /** Somebody types on the channel, and it was asked to show that. */
  #isTerminal(node: Node, fd: number): boolean {
    const isShown = node.kind === "device" && node.device.stat().type === "character";
    return isShown && this.#options.channels[fd]?.interactive === true;
  }

  /** A libc knows a terminal by a character device without the rights to seek. */
  #markAsTerminal(file: OpenFile): void {
    const { base, inheriting } = this.#rights.get(file);
    this.#rights.set(file, { base: base & ~(RIGHT.FD_SEEK | RIGHT.FD_TELL), inheriting });
  }

  #mountImages(): void {
    this.#options.images.forEach((image, index) => {
      const { failure, leftOutCount } = mountImage(this.#tree, image, index);
      const place = `The image on ${shown(image.mountpoint)}`;
      if (leftOutCount > 0) {
        this.#warnings.push(
          `${place}: ${leftOutCount} members below /dev or outside were left out`,
        );
      }
      if (failure === undefined) return;
      const reason = errnoName(failure.errno);
      const what = failure.path === "" ? "the mountpoint" : `member ${shown(failure.path)}`;
      this.#warnings.push(`${place} was not mounted to its end, ${what}: ${reason}`);
    });
  }

  /** What is exported is there from the start, and may be written even in a read-only image. */
  #makeExportFolders(): void {
    const empty = { source: memorySource(new Uint8Array()), members: tableOf([]), readonly: false };
    for (const { mountpoint } of this.#options.exports) {
      if (typeof this.#tree.find(this.#origin(), `/${mountpoint}`, true) !== "number") continue;
      mountImage(this.#tree, { ...empty, mountpoint, meta: "archive", isFolder: false }, 0);
    }
  }

  #preopen(name: ByteString, directory: DirectoryNode): void {
    const access = { read: true, write: false, append: false, truncate: false };
    const file = new OpenFile(directory, access, directory, this.#tree.now);
    this.#rights.set(file, ALL_RIGHTS);
    this.#preopens.set(file, name);
    this.#add(file, FIRST_PREOPEN_FD);
  }

  #preopenFolder(name: ByteString): void {
    const node = this.#tree.find(this.#origin(), name, true);
    if (typeof node !== "number" && node.kind === "directory") this.#preopen(name, node);
    else this.#warnings.push(`There is no directory ${shown(name)} to be opened before the start`);
  }

  /** More of them than may be open are refused with the guest, and take no time here. */
  #openForks(fds: readonly number[]): void {
    const node = this.#tree.find(this.#origin(), "/dev/zfork", true);
    if (typeof node === "number" || fds.length > this.#budget.openFilesMax) return;
    const access = { read: true, write: false, append: false, truncate: false };
    for (const fd of fds) {
      if (this.#descriptors.get(fd) !== undefined) continue;
      this.#add(new OpenFile(node, access, this.#tree.root, this.#tree.now), fd);
    }
  }

  #add(file: OpenFile, lowest = 0): void {
    file.node.openCount += 1;
    this.#descriptors.add(file, lowest);
  }

  /** `HOME` is made and entered; one that cannot be made leaves the guest in `/`. */
  #home(): DirectoryNode {
    const home = this.#variable("HOME") ?? "";
    const made = makeDirectories(this.#tree, home, { mode: HOME_MODE });
    return typeof made === "number" ? this.#tree.root : made;
  }

  /** The first of several of a name, as `getenv` finds it. */
  #variable(name: ByteString): ByteString | undefined {
    return this.#options.env.find(([key]) => key === name)?.[1];
  }
}
