import type { ByteSink, ByteSource } from "../../base/index.ts";
import { TarWriter } from "../../tar/index.ts";
import { type FileUrl, parseUrl, type SwiftUrl } from "../job/index.ts";
import { type Refusal, refuse } from "../result/index.ts";
import { objectUrl } from "./address.ts";
import { utf8Text } from "./header-table.ts";

/** What the first line of a script says. */
export interface Script {
  readonly kind: "script";
  readonly interpreter: SwiftUrl | FileUrl;
  /** What follows it, with single blanks between. */
  readonly args: string;
}

const LINE_FEED = 0x0a;

/**
 * Reads the first line of a script, `#! URL ARGUMENTS`.
 * @param head the script, or its first 128 KiB
 */
export function readScript(head: Uint8Array): Script | Refusal {
  if (head[0] !== 0x23 || head[1] !== 0x21) return refuse(400, "Unsupported Content-Type");
  const end = head.indexOf(LINE_FEED);
  const line = end < 0 ? undefined : utf8Text(head.subarray(2, end));
  if (line === undefined) return refuse(400, "Cannot find shebang (#!) in script");
  const [word = "", ...args] = line.split(/[ \t\r]+/).filter((part) => part !== "");
  const interpreter = interpreterOf(word);
  if ("kind" in interpreter) return interpreter;
  return { kind: "script", interpreter, args: args.join(" ") };
}

function interpreterOf(word: string): SwiftUrl | FileUrl | Refusal {
  const url = parseUrl(word);
  if ("scheme" in url && url.scheme === "file") {
    if (word.includes(":", FILE_SCHEME.length)) return url;
    return refuse(400, `Must supply image name in shebang url ${word}`);
  }
  return objectUrl(word) ?? refuse(400, `Bad interpreter ${word}`);
}

const FILE_SCHEME = "file://";

/** The name of the script in its archive: the guest finds it at `/script`. */
const SCRIPT_NAME = "script";

/**
 * The job that runs a script.
 * @param stdinUrl the object that the request names, which the script reads as its input
 */
export function scriptJob({ interpreter, args }: Script, stdinUrl?: string): string {
  const input = stdinUrl === undefined ? [] : [{ name: "stdin", path: stdinUrl }];
  const image = interpreter.scheme === "file" ? [{ name: interpreter.image }] : [];
  const group = {
    name: "script",
    exec: {
      path: interpreter.text,
      args: [args, SCRIPT_NAME].filter((arg) => arg !== "").join(" "),
    },
    devices: [...input, { name: "stdout", content_type: "text/plain" }, ...image],
  };
  return JSON.stringify([group]);
}

/** Writes the image that comes with the job of a script: an archive of one file. */
export function writeScriptImage(script: ByteSource, sink: ByteSink): void {
  const writer = new TarWriter(sink, { longNames: "plain" });
  const owner = { uid: 0, gid: 0, mtimeSeconds: 0 };
  writer.add({ path: SCRIPT_NAME, kind: "file", mode: 0o755, ...owner, contents: script });
  writer.finish();
}
