/** The key that all sessions of a job share, in a file of the host. */
import { closeSync, constants, fstatSync, openSync, readSync, type Stats } from "node:fs";
import { byteStringOfText } from "../../base/index.ts";
import {
  EXIT,
  type Finding,
  type Manifest,
  makeFinding,
  shown,
  stated,
} from "../manifest/index.ts";
import { reasonOf } from "./host-file.ts";

const KEY_BYTES = 32;
/** Digits, and the line's end that an editor leaves; what is longer is no key. */
const FILE_BYTES_MAX = 2 * KEY_BYTES + 2;

export const KEY_FORM = "a file of 64 hexadecimal digits, or of 32 bytes";

/** What a manifest names as its key, if that can be used. */
export interface KeyVerdict {
  readonly key?: Uint8Array;
  readonly findings: readonly Finding[];
}

/** Reads the key of a manifest. What is wrong with its file is a finding. */
export function readKey(manifest: Pick<Manifest, "key" | "places">): KeyVerdict {
  const { key: path, places } = manifest;
  if (path === undefined) return { findings: [] };
  const bytes = byteStringOfText(path);
  const at = places?.Key ?? {};
  try {
    const { contents, mode } = read(path);
    const key = keyOf(contents);
    const findings = (mode & OTHERS_READ) === 0 ? [] : [openToOthers(path, at)];
    return { key, findings };
  } catch (error) {
    const why = error instanceof WrongKey ? error.message : reasonOf(error);
    const finding = makeFinding({
      stage: "mount",
      code: EXIT.FAULT,
      state: `cannot read the key ${stated(bytes)}`,
      message: `Cannot use the key ${shown(bytes)}: ${why}`,
      expected: KEY_FORM,
      hint: "Make one with: head -c 32 /dev/urandom > FILE; chmod 600 FILE",
      ...at,
    });
    return { findings: [finding] };
  }
}

class WrongKey extends Error {}

/** Readable by its group or by all. */
const OTHERS_READ = 0o044;

function read(path: string): { readonly contents: Buffer; readonly mode: number } {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const stats: Stats = fstatSync(fd);
    if (!stats.isFile()) throw new WrongKey("it is no regular file");
    const buffer = Buffer.alloc(FILE_BYTES_MAX + 1);
    return { contents: buffer.subarray(0, readSync(fd, buffer)), mode: stats.mode };
  } finally {
    closeSync(fd);
  }
}

function keyOf(contents: Buffer): Uint8Array {
  if (contents.length === KEY_BYTES) return Uint8Array.from(contents);
  const digits = contents.toString("latin1").trimEnd();
  const isKey = contents.length <= FILE_BYTES_MAX && /^[0-9a-fA-F]{64}$/.test(digits);
  if (!isKey) throw new WrongKey("it has another form");
  return Uint8Array.from(Buffer.from(digits, "hex"));
}

function openToOthers(path: string, at: object): Finding {
  return makeFinding({
    severity: "warning",
    stage: "mount",
    code: 0,
    state: "",
    message: `The key ${shown(byteStringOfText(path))} can be read by other users`,
    hint: "chmod 600 keeps it to its owner",
    ...at,
  });
}
