import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Ended, runTool } from "../run-tool.ts";

/** Swift's own tests, unpacked. */
export interface SwiftTests {
  /** Has `test/functional`, and nothing else of Swift: that is the one of the system. */
  readonly folder: string;
  /** As in `swift-2.30.1`. */
  readonly release: string;
  close(): Promise<void>;
}

/**
 * Fetches the source package of Swift, of the release that the system has, into a folder of its
 * own: the lists of packages that the system keeps stay as they are.
 */
export async function openSwiftTests(): Promise<SwiftTests> {
  const folder = await mkdtemp(join(tmpdir(), "zerovm-swift-"));
  try {
    const archive = await fetchSource(folder);
    const unpacked = join(folder, "unpacked");
    const unpacking = ["-m", "tarfile", "-e", archive, unpacked];
    succeeded(await runTool("/usr/bin/python3", unpacking, {}), `unpack ${archive}`);
    const [release = ""] = await readdir(unpacked);
    const tests = join(folder, "tests");
    await mkdir(tests);
    await rename(join(unpacked, release, "test"), join(tests, "test"));
    const close = async (): Promise<void> => await rm(folder, { recursive: true });
    return { folder: tests, release, close };
  } catch (cause) {
    await rm(folder, { recursive: true });
    throw cause;
  }
}

/** @returns the path of the archive that upstream made */
async function fetchSource(folder: string): Promise<string> {
  const apt = await ownApt(folder);
  // A list that cannot be had matters only if the package is not in the others.
  const update = await apt("update");
  const fetched = await apt("source", "--download-only", "--tar-only", "swift");
  const archive = (await readdir(folder)).find((name) => /^swift_.*\.orig\.tar\./.test(name));
  if (fetched.status === 0 && archive !== undefined) return join(folder, archive);
  const said = [update, fetched].map(({ stderr }) => stderr.trim()).join("\n");
  throw new Error(
    `The source package of OpenStack Swift cannot be fetched:\n${said}\n` +
      "It is sought where this system has its packages from (/etc/apt), with deb-src for deb",
  );
}

/** `apt-get` with lists, cache and sources of its own in this folder. */
async function ownApt(folder: string): Promise<(...args: string[]) => Promise<Ended>> {
  for (const name of ["parts", "lists", "cache"]) await mkdir(join(folder, name));
  await writeSources(join(folder, "parts"));
  const settings = [
    "Dir::Etc::SourceList=/dev/null",
    `Dir::Etc::SourceParts=${join(folder, "parts")}`,
    `Dir::State::Lists=${join(folder, "lists")}`,
    `Dir::Cache=${join(folder, "cache")}`,
    // Another user could not write into the folder.
    "APT::Sandbox::User=root",
    "Acquire::Retries=2",
    "Acquire::http::Timeout=30",
  ].flatMap((setting) => ["-o", setting]);
  const env = Object.fromEntries(
    Object.entries(process.env).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value]],
    ),
  );
  return async (...args) => await runTool("apt-get", [...settings, ...args], { env, cwd: folder });
}

/** Writes the sources of the system's packages of the distribution as sources of their sources. */
async function writeSources(folder: string): Promise<void> {
  const parts = await readdir("/etc/apt/sources.list.d").catch(() => []);
  const paths = [
    "/etc/apt/sources.list",
    ...parts.map((name) => `/etc/apt/sources.list.d/${name}`),
  ];
  for (const [index, path] of paths.entries()) {
    const text = await readFile(path, "utf8").catch(() => "");
    const isStanza = path.endsWith(".sources");
    if (!isStanza && !path.endsWith(".list")) continue;
    const sources = isStanza ? stanzasOf(text) : linesOf(text);
    const name = `${index}.${isStanza ? "sources" : "list"}`;
    await writeFile(join(folder, name), `${sources.join("\n\n")}\n`);
  }
}

function stanzasOf(text: string): string[] {
  const withoutComments = text.replace(/^#.*\n/gm, "");
  return withoutComments
    .split(/\n\s*\n/)
    .filter((stanza) => /^URIs:.*(?:debian|ubuntu)/m.test(stanza))
    .map((stanza) => stanza.trim().replace(/^Types:.*$/m, "Types: deb-src"));
}

function linesOf(text: string): string[] {
  const lines = text.split("\n").filter((line) => /^deb\s.*(?:debian|ubuntu)/.test(line));
  return lines.map((line) => line.replace(/^deb/, "deb-src"));
}

function succeeded({ status, stderr }: Ended, what: string): void {
  if (status !== 0) throw new Error(`Cannot ${what}: ${stderr}`);
}
