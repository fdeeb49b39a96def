/** What native code in a cell learns by looking around. Some looks need a wall to be left out. */
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { callByLibrary } from "./raw-call.ts";

const FSTAT = 5;
const GETDENTS = 217;
const OPEN = 2;
const DESCRIPTORS_LOOKED_AT = 256;
const BUFFER_BYTES = 65_536;

const LOOKS: Readonly<Record<string, () => string>> = {
  environment: () => JSON.stringify(process.env),
  descriptors: () => openDescriptors().join(" "),
  links: () => JSON.stringify(links()),
  root: () => JSON.stringify(rootSizeBytes()),
  capabilities: () => JSON.stringify(capabilities()),
  identity: () => ownStatus(/^(?:Uid|Gid|Groups):[ \t]*(.*)$/gm).join("; "),
};

/** @throws Error for a look that there is none of */
export function look(name: string): string {
  const found = LOOKS[name];
  if (found === undefined) throw new Error(`There is no attack or look called ${name}`);
  return found();
}

/** Works with all walls: the size of a descriptor may be asked for. */
function openDescriptors(): number[] {
  const numbers = Array.from({ length: DESCRIPTORS_LOOKED_AT }, (_, fd) => fd);
  return numbers.filter((fd) => callByLibrary(FSTAT, fd, new Uint8Array(256)) === 0);
}

function links(): Record<string, string> {
  const names = readdirSync("/proc/self/fd");
  return Object.fromEntries(names.map((fd) => [fd, linkOf(fd)]));
}

/** The descriptor of the listing itself is gone by then. */
function linkOf(fd: string): string {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`);
  } catch {
    return "gone";
  }
}

/** `.` and `..` take 24 bytes each. */
function rootSizeBytes(): number | string {
  const fd = callByLibrary(OPEN, "/", 0o200000);
  if (typeof fd === "string") return fd;
  return callByLibrary(GETDENTS, fd, new Uint8Array(BUFFER_BYTES), BUFFER_BYTES);
}

/**
 * Of the thread that runs this, then of all others. The list of them is sorted as text and has the
 * first anywhere (`10000` before `9999`), and one of the engine's may end while it is read.
 */
function capabilities(): string[] {
  const others = readdirSync("/proc/self/task").flatMap((id) => rightsOf(`task/${id}`));
  return [...rightsOf("."), ...others];
}

function rightsOf(thread: string): string[] {
  try {
    const status = readFileSync(`/proc/self/${thread}/status`, "latin1");
    return [/^CapEff:\s*(\S+)/m.exec(status)?.[1] ?? ""];
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ESRCH") return [];
    throw error;
  }
}

function ownStatus(pattern: RegExp): string[] {
  const status = readFileSync("/proc/self/status", "latin1");
  return [...status.matchAll(pattern)].map(([, text = ""]) => text.trim().replace(/\s+/g, " "));
}
