import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { TreeWorld } from "../../../test/support/tree-world.ts";

/**
 * The same commands on our tree and on a folder of the host. Paths stay inside: they begin with
 * a name, climb at most one step, and links lead to relative targets of that kind.
 */
let folder = "";

beforeAll(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), "zrt-oracle-"));
});

afterAll(() => {
  fs.rmSync(folder, { recursive: true, force: true });
});

interface Command {
  readonly verb: string;
  readonly args: readonly string[];
}

const name = fc.constantFrom("a", "b", "c");
const ending = fc.constantFrom("", "", "", "", "", "", "", "/", "/.", "/..");
const names = fc.oneof(
  { weight: 4, arbitrary: fc.tuple(name) },
  { weight: 4, arbitrary: fc.tuple(name, name) },
  { weight: 1, arbitrary: fc.tuple(name, name, name) },
);
const somePath = fc
  .tuple(names, ending)
  .map(([parts, end]) => parts.join("/") + (parts.length === 1 && end === "/.." ? "" : end));
const target = fc.oneof(name, fc.constantFrom("b/", "./c", "a/b", "c/.", "b/../a"));
const text = fc.constantFrom("x", "hello", "a-longer-text");

function command(verb: string, ...args: fc.Arbitrary<string>[]): fc.Arbitrary<Command> {
  return fc.tuple(...args).map((values) => ({ verb, args: values }));
}

const anyCommand = fc.oneof(
  { weight: 6, arbitrary: command("mkdir", somePath) },
  { weight: 3, arbitrary: command("create", somePath, text) },
  { weight: 2, arbitrary: command("symlink", target, somePath) },
  { weight: 3, arbitrary: command("rename", somePath, somePath) },
  { weight: 2, arbitrary: command("link", somePath, somePath) },
  { weight: 3, arbitrary: command("rmdir", somePath) },
  command("unlink", somePath),
  command("write", somePath, text),
  command("append", somePath, text),
  command("exclusive", somePath, text),
  command("truncate", somePath, fc.constantFrom("0", "3", "2000")),
  command("readlink", somePath),
  command("cat", somePath),
  command("size", somePath),
  command("nlink", somePath),
  command("open-directory", somePath),
);

type Native = (args: readonly string[], at: (path: string) => string) => string | number;

function writeNative(at: string, flags: number, data: string): string {
  const fd = fs.openSync(at, flags, 0o666);
  fs.writeSync(fd, data);
  fs.closeSync(fd);
  return "OK";
}

/** Runs what gives nothing. */
function done(_result: unknown): string {
  return "OK";
}

const { O_WRONLY, O_CREAT, O_TRUNC, O_APPEND, O_EXCL, O_DIRECTORY, O_RDONLY } = fs.constants;

const NATIVE: Record<string, Native> = {
  mkdir: ([a = ""], at) => done(fs.mkdirSync(at(a))),
  rmdir: ([a = ""], at) => done(fs.rmdirSync(at(a))),
  unlink: ([a = ""], at) => done(fs.unlinkSync(at(a))),
  symlink: ([a = "", b = ""], at) => done(fs.symlinkSync(a, at(b))),
  rename: ([a = "", b = ""], at) => done(fs.renameSync(at(a), at(b))),
  link: ([a = "", b = ""], at) => done(fs.linkSync(at(a), at(b))),
  create: ([a = "", b = ""], at) => writeNative(at(a), O_WRONLY | O_CREAT | O_TRUNC, b),
  exclusive: ([a = "", b = ""], at) => writeNative(at(a), O_WRONLY | O_CREAT | O_EXCL, b),
  write: ([a = "", b = ""], at) => writeNative(at(a), O_WRONLY, b),
  append: ([a = "", b = ""], at) => writeNative(at(a), O_WRONLY | O_APPEND, b),
  truncate: ([a = "", b = ""], at) => done(fs.truncateSync(at(a), Number(b))),
  readlink: ([a = ""], at) => fs.readlinkSync(at(a)),
  cat: ([a = ""], at) => fs.readFileSync(at(a), "latin1"),
  size: ([a = ""], at) => {
    const stat = fs.lstatSync(at(a));
    return stat.isDirectory() ? 0 : stat.size;
  },
  nlink: ([a = ""], at) => fs.statSync(at(a)).nlink,
  "open-directory": ([a = ""], at) => {
    fs.closeSync(fs.openSync(at(a), O_RDONLY | O_DIRECTORY));
    return "OK";
  },
};

function native({ verb, args }: Command, root: string): string {
  try {
    return String(NATIVE[verb]?.(args, (each) => `${root}/${each}`));
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? String(error);
  }
}

function ours(world: TreeWorld, { verb, args }: Command): string {
  const [a = "", b = ""] = args;
  switch (verb) {
    case "exclusive":
      return world.writeFile(a, "wcx", b);
    case "size":
      return String(world.do(`lstat ${a} size`));
    case "nlink":
      return String(world.do(`stat ${a} nlink`));
    case "open-directory": {
      const opened = world.open(a, "rd");
      if (opened >= 0) world.descriptors.close(opened);
      return opened >= 0 ? "OK" : String(world.do(`open ${a} rd`));
    }
    default:
      return String(world.do([verb, ...args].join(" ")));
  }
}

/** Where we differ on purpose: what the host says, what we say, and why. */
const DIFFERENCES: readonly {
  readonly verbs: string;
  readonly host: string;
  readonly ours: string;
  readonly reason: string;
}[] = [
  { verbs: "rename", host: "ENOTDIR", ours: "OK", reason: "a directory may replace a file" },
  {
    verbs: "mkdir symlink",
    host: "EEXIST",
    ours: "ENOTDIR",
    reason: "a file with a slash behind it is no directory, before it is there already",
  },
  {
    verbs: "create exclusive",
    host: "EISDIR",
    ours: "ENOTDIR ENOENT EEXIST ELOOP",
    reason: "Linux refuses a new file with a slash before it looks",
  },
  {
    verbs: "unlink rmdir",
    host: "ENOTDIR",
    ours: "ELOOP ENOENT",
    reason: "a link with a slash is followed before it is refused",
  },
  {
    verbs: "mkdir symlink",
    host: "EEXIST",
    ours: "ELOOP ENOENT",
    reason: "a link with a slash is followed before it is refused",
  },
];

function isDeliberate(verb: string, host: string, our: string): boolean {
  // With two paths several things may be wrong, and POSIX leaves open which is told.
  const failed = (answer: string): boolean => /^E[A-Z]+$/.test(answer);
  if ((verb === "rename" || verb === "link") && failed(host) && failed(our)) return true;
  const has = (list: string, one: string): boolean => list.split(" ").includes(one);
  return DIFFERENCES.some(
    (row) => has(row.verbs, verb) && has(row.host, host) && has(row.ours, our),
  );
}

function hostTree(at: string): unknown {
  const stat = fs.lstatSync(at);
  if (stat.isSymbolicLink()) return `-> ${fs.readlinkSync(at)}`;
  if (!stat.isDirectory()) return `${stat.nlink} ${fs.readFileSync(at, "latin1")}`;
  const names = fs.readdirSync(at).sort();
  return Object.fromEntries(names.map((each) => [each, hostTree(`${at}/${each}`)]));
}

function ourTree(world: TreeWorld, at: string): unknown {
  const node = world.node(at, false);
  if (typeof node === "number") return node;
  if (node.kind === "symlink") return `-> ${node.target}`;
  if (node.kind !== "directory") return `${node.nlink} ${world.readFile(at)}`;
  const names = [...node.entries()].map((entry) => entry.name).sort();
  return Object.fromEntries(names.map((each) => [each, ourTree(world, `${at}/${each}`)]));
}

describe("the same commands on the host", () => {
  // Other systems give other errors for the same mistakes; ours are those of Linux.
  test.skipIf(process.platform !== "linux")(
    "answer alike, but for the differences that are listed",
    () => {
      let round = 0;
      const seen = new Map<string, number>();
      fc.assert(
        fc.property(
          fc.array(anyCommand, { minLength: 40, maxLength: 60, size: "max" }),
          (commands) => {
            round += 1;
            // One level down, so that a climb cannot leave.
            const root = `${folder}/${round}/top`;
            fs.mkdirSync(root, { recursive: true });
            const world = new TreeWorld();
            for (const each of commands) {
              const host = native(each, root);
              const our = ours(world, each);
              if (host === our) {
                seen.set(`${each.verb} ${host}`, (seen.get(`${each.verb} ${host}`) ?? 0) + 1);
                continue;
              }
              const line = `${each.verb} ${each.args.join(" ")}`;
              if (!isDeliberate(each.verb, host, our))
                expect(`${line}: ${our}`).toBe(`${line}: ${host}`);
              // A directory that replaced a file: from here on the two trees are not the same.
              if (our === "OK") return;
            }
            expect(ourTree(world, "/")).toEqual(hostTree(root));
          },
        ),
        { numRuns: 600 },
      );
      // The commands did meet each other: most kinds of answers were seen on both sides.
      const wanted = "mkdir EEXIST,rmdir ENOTEMPTY,rename EINVAL,rename ENOTEMPTY,rename EISDIR";
      for (const answer of `${wanted},link EPERM,open-directory ENOTDIR,cat ELOOP`.split(",")) {
        expect([answer, (seen.get(answer) ?? 0) > 0]).toEqual([answer, true]);
      }
    },
  );
});
