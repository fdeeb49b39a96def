import {
  type ByteString,
  byteStringOf,
  bytesOf,
  ERRNO,
  type Limits,
  STANDARD_LIMITS,
} from "../../src/base/index.ts";
import { virtualClock } from "../../src/zrt/clock.ts";
import {
  Budget,
  DescriptorTable,
  makeDirectory,
  makeLink,
  makeSymlink,
  type Node,
  open,
  type Place,
  removeDirectory,
  rename,
  type Spans,
  type Stat,
  statNode,
  Tree,
  unlink,
  type Whence,
} from "../../src/zrt/fs/index.ts";

const NAME_OF = new Map(Object.entries(ERRNO).map(([name, number]) => [number as number, name]));

/** `OK`, or the name of an error number. */
export function nameOf(errno: number): string {
  return NAME_OF.get(errno) ?? `errno ${errno}`;
}

/** One span over all of `memory`. */
export function whole(memory: Uint8Array): Spans {
  return { pairs: [0, memory.length], count: 1, totalBytes: memory.length };
}

type Answer = string | number | bigint;
type Verb = (world: TreeWorld, args: readonly string[]) => Answer;

/**
 * A tree and its descriptors, driven by small scripts: commands separated by `;`, each with the
 * answer that is expected of it after ` = `. Without one, anything but an error will do. `{255}`
 * in a script is a name of 255 bytes.
 */
export class TreeWorld {
  readonly clock = virtualClock(100);
  readonly budget: Budget;
  readonly tree: Tree;
  readonly descriptors: DescriptorTable;

  constructor(limits: Partial<Limits> = {}) {
    this.budget = new Budget({ ...STANDARD_LIMITS, ...limits });
    this.tree = new Tree(this.budget, () => this.clock.peek());
    this.descriptors = new DescriptorTable(this.budget, (file) => {
      file.node.openCount -= 1;
      this.tree.freeIfUnused(file.node);
    });
  }

  /** Runs a script. @returns what did not answer as expected, as text: empty when all did. */
  run(script: string): string[] {
    const wrong: string[] = [];
    for (const line of script.split(/[;\n]/)) {
      const text = line.trim();
      if (text === "") continue;
      const [command = "", expected] = text.split(/ =(?: |$)/);
      const answer = String(this.do(command.trim()));
      const isWrong = expected === undefined ? /^E[A-Z]/.test(answer) : answer !== expected.trim();
      if (isWrong) wrong.push(`${command.trim()} = ${answer}`);
    }
    return wrong;
  }

  do(command: string): Answer {
    const expanded = command.replace(/\{(\d+)\}/g, (_, count) => "n".repeat(Number(count)));
    const [verb = "", ...args] = expanded.split(/ +/).map((arg) => (arg === "''" ? "" : arg));
    const run = VERBS[verb];
    if (run === undefined) throw new Error(`no verb ${verb}`);
    return run(this, args);
  }

  origin() {
    return { start: this.tree.root, ceiling: this.tree.root };
  }

  place(path: ByteString, follow = false): Place | number {
    return this.tree.lookUp(this.origin(), path, follow);
  }

  node(path: ByteString, follow = true): Node | number {
    return this.tree.find(this.origin(), path, follow);
  }

  /** `flags`: r, w, c create, x exclusive, t truncate, a append, d directory, n no follow. */
  open(path: ByteString, flags: string): number {
    if (this.descriptors.isFull) return -this.descriptors.noteFull();
    const file = open(this.tree, this.origin(), path, {
      read: flags.includes("r"),
      write: flags.includes("w"),
      create: flags.includes("c"),
      exclusive: flags.includes("x"),
      truncate: flags.includes("t"),
      append: flags.includes("a"),
      directory: flags.includes("d"),
      followLast: !flags.includes("n"),
    });
    if (typeof file === "number") return -file;
    file.node.openCount += 1;
    return this.descriptors.add(file);
  }

  write(fd: number, text: ByteString): number {
    const memory = bytesOf(text);
    return this.descriptors.get(fd)?.write(memory, whole(memory)) ?? -ERRNO.EBADF;
  }

  read(fd: number, size: number): ByteString | number {
    const memory = new Uint8Array(size);
    const count = this.descriptors.get(fd)?.read(memory, whole(memory)) ?? -ERRNO.EBADF;
    return count < 0 ? count : byteStringOf(memory, 0, count);
  }

  /** Opens, writes or reads all, closes. */
  writeFile(path: ByteString, flags: string, text: ByteString): string {
    const fd = this.open(path, flags);
    if (fd < 0) return nameOf(-fd);
    const count = this.write(fd, text);
    this.descriptors.close(fd);
    return count < 0 ? nameOf(-count) : "OK";
  }

  readFile(path: ByteString): string {
    const fd = this.open(path, "r");
    if (fd < 0) return nameOf(-fd);
    const size = Math.max(0, Math.min(1 << 20, this.descriptors.get(fd)?.seek(0, "end") ?? 0));
    this.descriptors.get(fd)?.seek(0, "set");
    const text = this.read(fd, size);
    this.descriptors.close(fd);
    return typeof text === "number" ? nameOf(-text) : text;
  }

  list(path: ByteString): string[] | string {
    const node = this.node(path);
    if (typeof node === "number") return nameOf(node);
    if (node.kind !== "directory") return "ENOTDIR";
    return [...node.entries()].map(({ name }) => name);
  }
}

function answer(count: number): Answer {
  return count < 0 ? nameOf(-count) : count;
}

function field(node: Node | number, name: string | undefined): Answer {
  if (typeof node === "number") return nameOf(node);
  const stat = statNode(node);
  if (name === undefined) return "OK";
  if (name === "mode") return stat.mode.toString(8);
  if (name === "mtime") return Number(stat.modifiedNs / 1_000_000_000n);
  if (name === "ctime") return Number(stat.changedNs / 1_000_000_000n);
  if (name === "atime") return Number(stat.accessedNs / 1_000_000_000n);
  if (name === "size") return stat.sizeBytes;
  return stat[name as keyof Stat];
}

const VERBS: Record<string, Verb> = {
  mkdir: (world, [path = "", mode]) => {
    if (mode !== undefined) world.tree.setNextMode(Number.parseInt(mode, 8));
    return nameOf(makeDirectory(world.tree, world.origin(), path));
  },
  rmdir: (world, [path = ""]) => nameOf(removeDirectory(world.tree, world.origin(), path)),
  unlink: (world, [path = ""]) => nameOf(unlink(world.tree, world.origin(), path)),
  symlink: (world, [target = "", path = ""]) =>
    nameOf(makeSymlink(world.tree, target, world.origin(), path)),
  readlink: (world, [path = ""]) => {
    const node = world.node(path, false);
    if (typeof node === "number") return nameOf(node);
    return node.kind === "symlink" ? node.target : "EINVAL";
  },
  link: (world, [from = "", to = ""]) => onPlaces(world, makeLink, from, to),
  rename: (world, [from = "", to = ""]) => onPlaces(world, rename, from, to),
  create: (world, [path = "", text = "", mode]) => {
    if (mode !== undefined) world.tree.setNextMode(Number.parseInt(mode, 8));
    return world.writeFile(path, "wct", text);
  },
  write: (world, [path = "", text = ""]) => world.writeFile(path, "w", text),
  append: (world, [path = "", text = ""]) => world.writeFile(path, "wa", text),
  cat: (world, [path = ""]) => world.readFile(path),
  ls: (world, [path = ""]) => {
    const names = world.list(path);
    return typeof names === "string" ? names : names.join(" ");
  },
  stat: (world, [path = "", name]) => field(world.node(path), name),
  lstat: (world, [path = "", name]) => field(world.node(path, false), name),
  truncate: (world, [path = "", size]) => {
    const fd = world.open(path, "w");
    if (fd < 0) return nameOf(-fd);
    const errno = world.descriptors.get(fd)?.truncate(Number(size)) ?? ERRNO.EBADF;
    world.descriptors.close(fd);
    return nameOf(errno);
  },
  open: (world, [path = "", flags = ""]) => answer(world.open(path, flags)),
  close: (world, [fd]) => nameOf(world.descriptors.close(Number(fd))),
  dup: (world, [fd]) => {
    const file = world.descriptors.get(Number(fd));
    return file === undefined ? "EBADF" : answer(world.descriptors.add(file));
  },
  dup2: (world, [from, to]) => nameOf(world.descriptors.duplicateTo(Number(from), Number(to))),
  renumber: (world, [from, to]) => nameOf(world.descriptors.renumber(Number(from), Number(to))),
  put: (world, [fd, text = ""]) => answer(world.write(Number(fd), text)),
  get: (world, [fd, size]) => {
    const text = world.read(Number(fd), Number(size));
    return typeof text === "number" ? nameOf(-text) : text;
  },
  pput: (world, [fd, text = "", offset]) => {
    const memory = bytesOf(text);
    const file = world.descriptors.get(Number(fd));
    return answer(file?.writeAt(memory, whole(memory), Number(offset)) ?? -ERRNO.EBADF);
  },
  pget: (world, [fd, size, offset]) => {
    const memory = new Uint8Array(Number(size));
    const file = world.descriptors.get(Number(fd));
    const count = file?.readAt(memory, whole(memory), Number(offset)) ?? -ERRNO.EBADF;
    return count < 0 ? nameOf(-count) : byteStringOf(memory, 0, count);
  },
  seek: (world, [fd, offset, whence]) =>
    answer(
      world.descriptors.get(Number(fd))?.seek(Number(offset), whence as Whence) ?? -ERRNO.EBADF,
    ),
  ftruncate: (world, [fd, size]) =>
    nameOf(world.descriptors.get(Number(fd))?.truncate(Number(size)) ?? ERRNO.EBADF),
  allocate: (world, [fd, size]) =>
    nameOf(world.descriptors.get(Number(fd))?.allocate(Number(size)) ?? ERRNO.EBADF),
  fstat: (world, [fd, name]) => {
    const file = world.descriptors.get(Number(fd));
    return file === undefined ? "EBADF" : field(file.node, name);
  },
  sleep: (world, [seconds]) => {
    world.clock.sleep(BigInt(seconds ?? 1) * 1_000_000_000n);
    return "OK";
  },
  umask: (world, [mask = "0"]) => {
    world.tree.umask = Number.parseInt(mask, 8);
    return "OK";
  },
  bytes: (world) => world.budget.bytes,
  hits: (world) => world.budget.hits().join(" "),
};

function onPlaces(
  world: TreeWorld,
  operation: (tree: Tree, from: Place, to: Place) => number,
  from: string,
  to: string,
): Answer {
  const fromPlace = world.place(from);
  if (typeof fromPlace === "number") return nameOf(fromPlace);
  const toPlace = world.place(to);
  return nameOf(typeof toPlace === "number" ? toPlace : operation(world.tree, fromPlace, toPlace));
}
