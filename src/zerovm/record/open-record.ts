import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import { getSystemErrorMap } from "node:util";
import { printable, ZvmError } from "../../base/index.ts";
import { JsonReader, type Order, parseOrder } from "../cell/index.ts";
import {
  type Expected,
  INDEX_BYTES_MAX,
  PART_NAMES,
  type Part,
  RECORD_HEADER,
  recordError,
} from "./record.ts";

const HEAD_BYTES = RECORD_HEADER.length + 4;
const PARTS_MAX = 10_000;
const CHANNELS_MAX = 2 ** 20;
const TEXT_MAX = 2 ** 16;
/** A block of members is read into memory as a whole. */
const MEMBERS_BYTES_MAX = 2 ** 30;
const PIECE_BYTES = 2 ** 20;

/** A record that was read as far as its index, and whose form is right. */
export interface OpenedRecord {
  /** Descriptors are counted from 0: the program, the archive of each image, the intake. */
  readonly order: Order;
  readonly expected: Expected;
  /** The parts that are files, in the same order; behind them the trace. */
  readonly files: readonly Part[];
  /** Hands the bytes of a file over, piece by piece. @throws ZvmError ZVM_RECORD when damaged */
  read(index: number, take: (piece: Uint8Array) => void): void;
  close(): void;
}

interface PlacedPart extends Part {
  readonly offset: number;
}

interface Index {
  readonly order: string;
  readonly expected: Expected;
  readonly parts: readonly PlacedPart[];
}

/**
 * Opens a record, from whomever it comes.
 * @throws ZvmError ZVM_FILE when the host cannot read it; ZVM_RECORD naming what is wrong with it
 */
export function openRecord(path: string): OpenedRecord {
  const fd = openFile(path);
  try {
    return new RecordFile(path, fd);
  } catch (error) {
    closeSync(fd);
    if (error instanceof ZvmError && error.code === "ZVM_ORDER") {
      throw recordError(path, `is malformed, or of another version: ${error.message}`, error);
    }
    throw error;
  }
}

function openFile(path: string): number {
  const { O_RDONLY, O_NONBLOCK } = constants;
  let fd: number | undefined;
  try {
    fd = openSync(path, O_RDONLY | O_NONBLOCK);
    if (!fstatSync(fd).isFile()) throw new Error("it is no regular file");
    return fd;
  } catch (cause) {
    if (fd !== undefined) closeSync(fd);
    const message = `Cannot read the record ${printable(path)}: ${reasonOf(cause)}`;
    throw new ZvmError("ZVM_FILE", message, { cause });
  }
}

/** The host's words for an error: `permission denied`. */
function reasonOf(error: unknown): string {
  const { errno, message } = error as { readonly errno?: number; readonly message?: string };
  return getSystemErrorMap().get(errno ?? 0)?.[1] ?? String(message);
}

class RecordFile implements OpenedRecord {
  readonly order: Order;
  readonly expected: Expected;
  readonly files: readonly PlacedPart[];
  readonly #path: string;
  readonly #fd: number;

  constructor(path: string, fd: number) {
    this.#path = path;
    this.#fd = fd;
    const { order, expected, parts } = this.#index();
    const members = parts.filter(({ name }) => name === "members");
    this.files = parts.filter(({ name }) => name !== "members");
    this.expected = expected;
    this.order = parseOrder(order, () => this.#block(members.shift()));
    if (members.length > 0) throw recordError(path, "has members of no image");
    this.#checkFiles();
  }

  read(index: number, take: (piece: Uint8Array) => void): void {
    const part = this.files[index];
    if (part === undefined) throw recordError(this.#path, `has no part ${index}`);
    const { createHash } = process.getBuiltinModule("node:crypto");
    const hash = createHash("sha256");
    for (let at = 0; at < part.sizeBytes; at += PIECE_BYTES) {
      const piece = this.#bytes(part.offset + at, Math.min(PIECE_BYTES, part.sizeBytes - at));
      hash.update(piece);
      take(piece);
    }
    if (hash.digest("hex") !== part.sha256) throw this.#damaged(part);
  }

  close(): void {
    closeSync(this.#fd);
  }

  #index(): Index {
    const path = this.#path;
    const fileBytes = fstatSync(this.#fd).size;
    if (fileBytes < HEAD_BYTES) throw recordError(path, "is none: it is too short");
    const head = Buffer.from(this.#bytes(0, HEAD_BYTES));
    if (head.toString("latin1", 0, RECORD_HEADER.length) !== RECORD_HEADER) {
      throw recordError(path, `is none: it does not begin with '${RECORD_HEADER.trim()}'`);
    }
    const sizeBytes = head.readUInt32LE(RECORD_HEADER.length);
    if (sizeBytes > INDEX_BYTES_MAX || HEAD_BYTES + sizeBytes > fileBytes) {
      throw recordError(path, "ends before its index");
    }
    const text = Buffer.from(this.#bytes(HEAD_BYTES, sizeBytes)).toString("utf8");
    const index = readIndex(text, HEAD_BYTES + sizeBytes);
    const end = index.parts.reduce((sum, part) => sum + part.sizeBytes, HEAD_BYTES + sizeBytes);
    if (end !== fileBytes) throw recordError(path, `has ${fileBytes} bytes, its parts need ${end}`);
    return index;
  }

  /** The order has one descriptor for each file, and nothing else of the host. */
  #checkFiles(): void {
    const { program, images, replay, channels, recording, traceLog, nexe } = this.order;
    const further = nexe?.further === undefined ? [] : [nexe.further.program];
    const used = [program, ...further, ...images, ...(replay === undefined ? [] : [replay])];
    const names = [
      ...["program", ...further.map(() => "nexe")],
      ...[...images.map(() => "archive"), "intake"],
    ];
    const isWhole =
      used.length === names.length &&
      this.files.length === names.length + 1 &&
      this.files.at(-1)?.name === "trace";
    const isNamed = used.every(({ fd, sizeBytes }, index) => {
      const file = this.files[index];
      return fd === index && file?.sizeBytes === sizeBytes && file.name === names[index];
    });
    const isClosed = channels.every(({ sources }) => {
      return sources.every(({ kind }) => kind === "replayed");
    });
    const isQuiet = recording === undefined && traceLog === undefined;
    // A script of somebody else would run beside the guest, and not inside of its module.
    const hasNoScript = nexe?.further?.translator === undefined;
    if (isWhole && isNamed && isClosed && isQuiet && hasNoScript) return;
    throw recordError(this.#path, "has an order that does not fit its parts");
  }

  #block(part: PlacedPart | undefined): Uint8Array<ArrayBuffer> {
    if (part === undefined) throw recordError(this.#path, "has no members for an image");
    if (part.sizeBytes > MEMBERS_BYTES_MAX) throw recordError(this.#path, "has too many members");
    const block = this.#bytes(part.offset, part.sizeBytes);
    const { createHash } = process.getBuiltinModule("node:crypto");
    if (createHash("sha256").update(block).digest("hex") !== part.sha256) throw this.#damaged(part);
    return block;
  }

  #damaged({ name }: Part): ZvmError {
    return recordError(this.#path, `is damaged: its ${name} is not what was recorded`);
  }

  #bytes(offset: number, sizeBytes: number): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(sizeBytes);
    for (let done = 0; done < sizeBytes; ) {
      const got = readSync(this.#fd, bytes, done, sizeBytes - done, offset + done);
      if (got === 0) throw recordError(this.#path, "became shorter while it was read");
      done += got;
    }
    return bytes;
  }
}

function readIndex(text: string, partsStart: number): Index {
  const index = JsonReader.parse(text, "index").only(["made", "order", "expected", "parts"]);
  let offset = partsStart;
  const parts = index
    .field("parts")
    .list(PARTS_MAX)
    .map((part): PlacedPart => {
      const placed = { ...readPart(part), offset };
      offset += placed.sizeBytes;
      return placed;
    });
  const order = JSON.stringify(index.field("order").raw());
  return { order, expected: readExpected(index.field("expected")), parts };
}

function readPart(part: JsonReader): Part {
  part.only(["name", "sizeBytes", "sha256"]);
  return {
    name: part.field("name").oneOf(PART_NAMES),
    sizeBytes: part.field("sizeBytes").integer(0, Number.MAX_SAFE_INTEGER),
    sha256: readHex(part.field("sha256")),
  };
}

function readExpected(expected: JsonReader): Expected {
  expected.only(["outcome", "fuel", "traceHash", "channels", "etags"]);
  return {
    outcome: expected.field("outcome").text(TEXT_MAX),
    fuel: readUnits(expected.field("fuel")),
    traceHash: readHex(expected.field("traceHash")),
    channels: expected
      .field("channels")
      .list(CHANNELS_MAX)
      .map((channel) => {
        channel.only(["alias", "putBytes", "digest"]);
        return {
          alias: channel.field("alias").bytes(TEXT_MAX),
          putBytes: channel.field("putBytes").integer(0, Number.MAX_SAFE_INTEGER),
          digest: readHex(channel.field("digest")),
        };
      }),
    etags: expected
      .field("etags")
      .list(CHANNELS_MAX)
      .map((etag) => {
        etag.only(["alias", "hex"]);
        return { alias: etag.field("alias").bytes(TEXT_MAX), hex: readHex(etag.field("hex")) };
      }),
  };
}

function readUnits(found: JsonReader): string {
  const units = found.text(20);
  if (!/^[0-9]*$/.test(units)) found.fail("is no decimal number");
  return units;
}

function readHex(found: JsonReader): string {
  const hex = found.text(64);
  if (!/^[0-9a-f]*$/.test(hex)) found.fail("is no hash");
  return hex;
}
