import { ZvmError } from "../../base/index.ts";
import { addToImage, buildImage, listImage, type Progress, parsePart } from "../../zerovm/index.ts";
import { type Command, complain, JSON_OPTION, print } from "../command.ts";
import { catchInterrupts } from "../interrupt.ts";
import type { ParsedOptions } from "../options.ts";
import { ProgressLine } from "../progress.ts";
import { imageJson, showImage } from "../show-image.ts";

/** `zerovm image build|ls|add`. */
export const IMAGE: Command = {
  name: "image",
  usage: [
    "build [--mtime SECONDS] OUT.tar[.gz] FOLDER|FILE[=NAME]…",
    "ls [--json] TAR",
    "add [--mtime SECONDS] TAR FOLDER|FILE[=NAME]…",
  ],
  description:
    "Builds, lists and extends tar images. The same inputs give the same bytes. A folder without\n" +
    "NAME becomes the root of a new image; what was there before stays if the work is interrupted.",
  options: [
    { name: "mtime", value: "SECONDS", help: "Give every member this time instead of its own" },
    JSON_OPTION,
  ],
  words: ["build", "ls", "add"],
  examples: [
    { line: "zerovm image build root.tar.gz ./root", does: "an image of a folder, compressed" },
    { line: "zerovm image ls root.tar.gz", does: "what it holds" },
    { line: "zerovm image add root.tar notes.txt=doc/notes.txt", does: "put one more file in" },
  ],
  run: async (parsed) => image(parsed),
};

async function image(parsed: ParsedOptions): Promise<number> {
  const [verb, target, ...parts] = parsed.operands;
  if (verb === "ls" && target !== undefined && parts.length === 0) {
    const listed = await listImage(target);
    if (parsed.has("json")) print(imageJson(listed));
    else showImage(target, listed);
    return 0;
  }
  if ((verb === "build" || verb === "add") && target !== undefined && parts.length > 0) {
    return write(verb, target, parts, parsed);
  }
  throw new ZvmError("ZVM_USAGE", `zerovm image${problemOf(verb)}; see 'zerovm image --help'`);
}

function problemOf(verb: string | undefined): string {
  switch (verb) {
    case "build":
      return " build: name OUT.tar and at least one FOLDER or FILE";
    case "add":
      return " add: name a TAR and at least one FOLDER or FILE";
    case "ls":
      return " ls: name one TAR";
    default:
      return ": say build, ls or add";
  }
}

async function write(
  verb: "build" | "add",
  target: string,
  parts: readonly string[],
  parsed: ParsedOptions,
): Promise<number> {
  const interrupts = catchInterrupts();
  const line = new ProgressLine(verb === "build" ? "Building" : "Adding");
  const mtime = parsed.last("mtime");
  try {
    const work = verb === "build" ? buildWith : addToImage;
    const built = await work(target, parts.map(parsePart), {
      signal: interrupts.signal,
      onProgress: ({ bytes, bytesTotal, members, membersTotal }: Progress) =>
        line.update(bytes, bytesTotal, `${members}/${membersTotal} members`),
      ...(mtime !== undefined && { mtimeSeconds: readSeconds(mtime) }),
    });
    line.end();
    for (const warning of built.warnings) complain(`zerovm: warning: ${warning}`);
    if (parsed.has("json")) print(JSON.stringify({ image: target, ...built }, null, 2));
    else print(`${target}: ${built.members} members, ${built.sizeBytes} bytes`);
    return 0;
  } catch (error) {
    line.end();
    const status = interrupts.status();
    if (status === undefined) throw error;
    complain(`zerovm: interrupted; ${target} is as it was`);
    return status;
  } finally {
    interrupts.release();
  }
}

const buildWith: typeof addToImage = (target, parts, options) => buildImage(parts, target, options);

function readSeconds(text: string): number {
  if (/^\d{1,11}$/.test(text)) return Number(text);
  throw new ZvmError("ZVM_USAGE", `--mtime is a number of seconds since 1970, not '${text}'`);
}
