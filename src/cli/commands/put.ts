import { byteStringOfText, printable, ZvmError } from "../../base/index.ts";
import {
  type LeftOver,
  PARALLEL_MAX,
  type PutResult,
  SEGMENT_BYTES,
} from "../../zerocloud/client/index.ts";
import { parseSize } from "../../zerovm/index.ts";
import { CLOUD_NOTES, CLOUD_OPTIONS, type CloudWork, shownAddress, withCloud } from "../cloud.ts";
import { ownAddress } from "../cloud-address.ts";
import { filesToPut, textTypeOf } from "../cloud-files.ts";
import { type Command, complain, JSON_OPTION, print } from "../command.ts";
import { fileSource } from "../file-source.ts";
import type { ParsedOptions } from "../options.ts";
import { ProgressLine } from "../progress.ts";
import { wholeNumber } from "../whole-number.ts";

/** `zerovm put`. */
export const PUT: Command = {
  name: "put",
  usage: [
    "[--type TYPE] [--segment SIZE] [--parallel N] FILE… CONTAINER[/NAME]",
    "- CONTAINER/NAME",
  ],
  description:
    "Stores files as objects, folders with all files below them. The container is made where it is\n" +
    "missing. One file gets the name NAME, or its own; several files, and one where NAME ends in a\n" +
    "slash, get their own behind it. Digests are compared. Large files are stored in segments, of which\n" +
    "those that an earlier attempt stored are not sent again.",
  options: [
    { name: "type", value: "TYPE", help: "The content type, unless what the name says" },
    { name: "segment", value: "SIZE", help: "Store larger files in segments of SIZE, unless 1G" },
    { name: "parallel", value: "N", help: "Send N segments at a time, unless 4" },
    ...CLOUD_OPTIONS,
    JSON_OPTION,
  ],
  examples: [
    { line: "zerovm put monday.log logs", does: "the object monday.log in logs" },
    { line: "zerovm put data/*.log logs/2026/", does: "several, behind a prefix" },
    { line: "zerovm put site web", does: "all files below the folder site" },
  ],
  notes: CLOUD_NOTES,
  run: async (parsed) => {
    if (parsed.operands.length < 2) {
      throw new ZvmError("ZVM_USAGE", "zerovm put: name at least one FILE, and CONTAINER[/NAME]");
    }
    const undone = "objects that were not named are not stored";
    return await withCloud(parsed, undone, (cloud) => put(cloud, parsed));
  },
};

interface Stored {
  readonly container: string;
  readonly object: string;
  readonly sizeBytes: number;
  readonly etag: string;
  readonly segments: number;
  readonly validation?: string;
  readonly leftOver?: LeftOver;
}

async function put(cloud: CloudWork, parsed: ParsedOptions): Promise<number> {
  const { client, signal } = cloud;
  const paths = parsed.operands.slice(0, -1);
  const { container, object } = await ownAddress(client, parsed.operands.at(-1) ?? "");
  const isPrefix = object === "" || object.endsWith("/") || paths.length > 1;
  const prefix = object === "" || object.endsWith("/") ? object : `${object}/`;
  const pairs = paths.flatMap((path) => {
    if (path === "-") return [{ path, object }];
    return filesToPut(path, isPrefix ? "" : object).map((pair) => ({
      ...pair,
      object: isPrefix ? prefix + pair.object : pair.object,
    }));
  });
  await client.createContainer(container, { signal });
  const stored: Stored[] = [];
  for (const { path, object: name } of pairs) {
    const one = await putOne(cloud, path, container, name, parsed);
    stored.push(one);
    const shown = shownAddress(container, name);
    if (one.leftOver !== undefined) complainOfLeft(one.leftOver, shown);
    if (parsed.has("json")) continue;
    print(`${shown}: ${one.sizeBytes} bytes`);
    if (one.validation !== undefined)
      print(`${shown}: the program is ${printable(one.validation)}`);
  }
  if (parsed.has("json")) print(JSON.stringify(stored, null, 2));
  return 0;
}

/** The object is stored: segments that are left of the former one only take room. */
function complainOfLeft({ segments, reason }: LeftOver, stored: string): void {
  const [first = "", ...more] = segments;
  const others = more.length === 0 ? "" : ` and ${more.length} more`;
  const what = `segments of what it replaced are left, ${printable(first)}${others}`;
  complain(`zerovm: ${stored} is stored, but ${what}: ${printable(reason)}`);
}

async function putOne(
  { client, signal }: CloudWork,
  path: string,
  container: string,
  object: string,
  parsed: ParsedOptions,
): Promise<Stored> {
  try {
    if (path === "-") {
      if (object === "") throw new ZvmError("ZVM_USAGE", "zerovm put -: say CONTAINER/NAME");
      const sent = await client.putStream(container, object, process.stdin, {
        ...typeOf(parsed),
        signal,
      });
      return { container, object, ...sent };
    }
    const sent = await putFile({ client, signal }, path, container, object, parsed);
    return { container, object, ...sent };
  } finally {
    // A writer that says no more would keep this process after Ctrl-C.
    if (path === "-") process.stdin.destroy();
  }
}

async function putFile(
  { client, signal }: CloudWork,
  path: string,
  container: string,
  object: string,
  parsed: ParsedOptions,
): Promise<PutResult> {
  const source = fileSource(path);
  const segments = segmentsOf(parsed);
  const line = new ProgressLine(`Sending ${printable(path)}`);
  try {
    const onProgress = (sent: number): void => line.update(sent, source.sizeBytes, `${sent} bytes`);
    const type = typeOf(parsed, textTypeOf(path, object));
    const options = { ...type, ...segments, signal, onProgress };
    return await client.put(container, object, source, options);
  } catch (error) {
    const isFinal = error instanceof ZvmError && FINAL.includes(error.code);
    if (!isFinal && source.sizeBytes > segments.segmentBytes) {
      line.end();
      complain(`zerovm: ${shownAddress(container, object)} ${GO_ON}`);
    }
    throw error;
  } finally {
    line.end();
  }
}

function typeOf(parsed: ParsedOptions, guess?: string): { readonly contentType?: string } {
  const type = parsed.last("type") ?? guess;
  return type === undefined ? {} : { contentType: type };
}

/** Failures behind which nothing is left that could be gone on with. */
const FINAL: readonly string[] = ["ZVM_USAGE", "ZVM_CLIENT_CHANGED"];
const GO_ON = "is not stored yet, its segments are: the same command sends the missing ones";

function segmentsOf(parsed: ParsedOptions) {
  const segment = parsed.last("segment");
  const parallel = wholeNumber(parsed, "parallel", PARALLEL_MAX);
  return {
    segmentBytes: segment === undefined ? SEGMENT_BYTES : sizeOf(segment),
    ...(parallel !== undefined && { parallel }),
  };
}

function sizeOf(text: string): number {
  const size = parseSize(byteStringOfText(text));
  if (size !== undefined && size >= 1) return Number(size);
  throw new ZvmError("ZVM_USAGE", `--segment is a size as 64M, not '${printable(text)}'`);
}
