import { createHash } from "node:crypto";
import { pipeline, Readable } from "node:stream";
import { createGunzip, gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { archive } from "../../../test/support/archive.ts";
import { changedBytes } from "../../../test/support/changed-bytes.ts";
import { HASHES } from "../../../test/support/job-results.ts";
import { memorySource } from "../../base/index.ts";
import { indexTar } from "../../tar/index.ts";
import { parseJob } from "../job/index.ts";
import { isRefusal, type Refusal } from "../result/index.ts";
import {
  BootMapFinder,
  bodyKindOf,
  canBeApp,
  findBootMap,
  HEAD_BYTES,
  type HeaderTable,
  type Inflate,
  type JobTextOptions,
  judgeBody,
  readJobText,
  readScript,
  scriptJob,
  writeScriptImage,
} from "./index.ts";

const encoder = new TextEncoder();
const bytes = (text: string): Uint8Array => encoder.encode(text);

async function* streamOf(...chunks: (Uint8Array | Error)[]): AsyncGenerator<Uint8Array, void> {
  for (const chunk of chunks) {
    if (chunk instanceof Error) throw chunk;
    yield chunk;
  }
}

function shown(answer: Refusal | object): string | object {
  return isRefusal(answer) ? `${answer.status} ${answer.text}` : answer;
}

describe("judgeBody", () => {
  it.each([
    [{ "content-type": "application/json" }, { kind: "json" }],
    [{ "content-type": "Application/JSON; charset=utf-8" }, { kind: "json" }],
    [{}, "400 Must specify Content-Type"],
    [{ "content-type": " ; charset=utf-8" }, "400 Must specify Content-Type"],
    [{ "content-type": "text/x-python", "content-length": "5" }, { kind: "script" }],
    [{ "content-type": "json", "content-length": "5" }, { kind: "script" }],
    [{ "content-type": "text/x-python" }, "400 Must specify Content-Length"],
    [{ "content-type": "application/x-tar" }, "400 Must specify Content-Length"],
    [{ "content-type": "application/x-gzip" }, "400 Must specify Content-Length"],
  ] as [HeaderTable, object | string][])("of %j: %j", (headers, expected) => {
    expect(shown(judgeBody(headers))).toEqual(expected);
  });

  it.each(["application/x-tar", "application/x-gtar", "application/x-ustar"])("%s", (type) => {
    expect(bodyKindOf(type)).toEqual({ kind: "image", contentType: type, isGzip: false });
    expect([canBeApp(type, "open"), canBeApp(type, "api")]).toEqual([true, true]);
  });

  it("knows packed archives, and JSON as an app of api only", () => {
    expect(bodyKindOf("application/x-gzip")).toMatchObject({ kind: "image", isGzip: true });
    expect(canBeApp("application/json", "open")).toBe(false);
    expect(canBeApp("application/json", "api")).toBe(true);
    expect(canBeApp("text/plain", "api")).toBe(false);
  });
});

describe("readJobText", () => {
  const read = async (options: Partial<JobTextOptions>, ...chunks: (Uint8Array | Error)[]) => {
    const text = await readJobText(streamOf(...chunks), {
      bytesMax: 10,
      hashes: HASHES,
      ...options,
    });
    return text instanceof Uint8Array ? new TextDecoder().decode(text) : shown(text);
  };

  it.each([
    [{}, ["[1,", "2]"], "[1,2]"],
    [{}, [], ""],
    [{}, ["1234567890"], "1234567890"],
    [{}, ["1234567890", "1"], "413 The job has more than 10 bytes"],
    [{ lengthBytes: 11 }, [], "413 The job has more than 10 bytes"],
    [{ lengthBytes: 3 }, ["12"], "499 application/json POST unfinished"],
    [{ lengthBytes: 1 }, ["12"], "499 application/json POST unfinished"],
    [{ lengthBytes: 2 }, ["1", "2"], "12"],
  ] as [Partial<JobTextOptions>, string[], string][])(
    "with %j of %j: %s",
    async (options, texts, expected) => {
      expect(await read(options, ...texts.map(bytes))).toBe(expected);
    },
  );

  it("compares the MD5, whatever its case and with quotation marks or without", async () => {
    const etag = createHash("md5").update("[]").digest("hex");
    for (const given of [etag, etag.toUpperCase(), `"${etag}"`]) {
      expect(await read({ etag: given }, bytes("[]"))).toBe("[]");
    }
    expect(await read({ etag }, bytes("[ ]"))).toMatch(/^422 /);
    expect(await read({ etag: "" }, bytes("[]"))).toMatch(/^422 /);
  });

  it("reads no further than its limit, and throws what the stream throws", async () => {
    const first = bytes("12345678901");
    expect(await read({}, first, new Error("never reached"))).toMatch(/^413/);
    await expect(read({}, bytes("1"), new Error("gone"))).rejects.toThrow("gone");
  });

  it("keeps its own copy of what it was given", async () => {
    const chunk = bytes("12");
    async function* reused() {
      yield chunk;
      chunk.fill(0x39);
      yield chunk;
    }
    const text = await readJobText(reused(), { bytesMax: 10, hashes: HASHES });
    expect(text).toEqual(bytes("1299"));
  });
});

const TAR = "application/x-tar";
const NOT_FOUND = "400 System boot map was not found in request";

/** Feeds an archive in pieces of a size, and says what was found: `PATH TEXT`. */
function found(packed: Uint8Array, pieceBytes = 1000): string | object {
  const finder = new BootMapFinder(TAR);
  for (let at = 0; at < packed.length; at += pieceBytes) {
    const reading = finder.feed(packed.subarray(at, at + pieceBytes));
    if (reading.kind !== "more") return shownMap(reading);
  }
  return shownMap(finder.end());
}

function shownMap(reading: ReturnType<BootMapFinder["end"]>): string | object {
  if (reading.kind === "refusal") return shown(reading);
  return `${reading.path} ${new TextDecoder().decode(reading.text)}`;
}

describe("BootMapFinder", () => {
  it.each([
    ["either map", [["boot/system.map", "[1]"]], "boot/system.map [1]"],
    [
      "the cluster's first",
      [
        ["boot/system.map", "[1]"],
        ["boot/cluster.map", "[2]"],
      ],
      "boot/cluster.map [2]",
    ],
    [
      "the last of two",
      [
        ["boot/system.map", "[1]"],
        ["boot/system.map", "[2]"],
      ],
      "boot/system.map [2]",
    ],
    [
      "a map beside other files",
      [
        ["bin/a", 5000],
        ["boot/system.map", "[1]"],
      ],
      "boot/system.map [1]",
    ],
    ["no map", [["boot/other.map", "[1]"]], NOT_FOUND],
    ["no map in a longer path", [["x/boot/system.map", "[1]"]], NOT_FOUND],
    [
      "a map at the end of the head",
      [
        ["a", HEAD_BYTES - 2048],
        ["boot/system.map", "[1]"],
      ],
      "boot/system.map [1]",
    ],
    [
      "no map behind the head",
      [
        ["a", HEAD_BYTES - 512],
        ["boot/system.map", "[1]"],
      ],
      NOT_FOUND,
    ],
    [
      "no map that begins in the head",
      [
        ["a", HEAD_BYTES - 2048],
        ["boot/system.map", 1025],
      ],
      NOT_FOUND,
    ],
    [
      "a map before what is large",
      [
        ["boot/system.map", "[1]"],
        ["a", 300_000],
      ],
      "boot/system.map [1]",
    ],
  ] as [string, [string, string | number][], string][])("finds %s", (_, files, expected) => {
    const packed = archive(files);
    for (const pieceBytes of [511, 65_536, packed.length]) {
      expect(found(packed, pieceBytes)).toBe(expected);
    }
  });

  it.each([
    ["nothing", Buffer.alloc(0)],
    ["a few bytes", Buffer.from("hello")],
    ["text", Buffer.alloc(2000, "text ")],
    ["an empty archive", Buffer.alloc(10_240)],
    ["half a header", archive([["boot/system.map", "[1]"]]).subarray(0, 400)],
  ])("finds no map in %s", (_, packed) => {
    expect(found(packed)).toBe(NOT_FOUND);
  });

  it("says of an archive that is damaged behind its first header what is wrong", () => {
    const packed = archive([
      ["a", "1"],
      ["boot/system.map", "[1]"],
    ]);
    packed[1024 + 3] = 0x21;
    expect(found(packed)).toMatch(/^422 Error reading application\/x-tar stream: .*checksum/);
  });

  it("says more until it has the head, then always the same", () => {
    const finder = new BootMapFinder(TAR);
    const packed = archive([
      ["boot/system.map", "[1]"],
      ["a", 300_000],
    ]);
    expect(finder.feed(packed.subarray(0, HEAD_BYTES - 1)).kind).toBe("more");
    const reading = finder.feed(packed.subarray(HEAD_BYTES - 1));
    expect(reading.kind).toBe("boot-map");
    expect(finder.feed(packed)).toBe(reading);
    expect(finder.end()).toBe(reading);
  });

  it("survives any change of an archive", () => {
    const packed = archive([
      ["bin/a", "x"],
      ["boot/system.map", "[1]"],
      ["z", 700],
    ]);
    const size = fc.integer({ min: 1, max: 2000 });
    fc.assert(
      fc.property(
        changedBytes(packed, 6),
        size,
        fc.nat(packed.length),
        (changed, pieceBytes, cut) => {
          for (const text of [changed, changed.subarray(0, cut)]) {
            const result = found(text, pieceBytes);
            expect(result).toMatch(
              /^(?:boot\/(?:system|cluster)\.map |400 System boot map|422 Error)/,
            );
            expect(found(text, 65_536)).toBe(result);
          }
        },
      ),
    );
  });
});

const inflate: Inflate = (packed) => {
  // Failures end the iteration, where they are told.
  return pipeline(Readable.from(packed), createGunzip(), () => undefined);
};

describe("findBootMap", () => {
  const GZIP = "application/x-gzip";
  const packed = archive([
    ["boot/system.map", "[1]"],
    ["a", 1_000_000],
  ]);

  it("reads no more of a stream than the head", async () => {
    const head = packed.subarray(0, HEAD_BYTES);
    const stream = streamOf(head, new Error("read too far"));
    expect(shownMap(await findBootMap(stream, TAR))).toBe("boot/system.map [1]");
  });

  it("unpacks gzip, as far as the head", async () => {
    const zipped = gzipSync(packed);
    expect(shownMap(await findBootMap(streamOf(zipped), GZIP, inflate))).toBe(
      "boot/system.map [1]",
    );
  });

  it("finds the map of a packed archive of which there is only the beginning", async () => {
    const noise = createHash("sha512").update("x").digest("hex").repeat(3);
    const zipped = gzipSync(
      archive([
        ["boot/system.map", `[${noise}]`],
        ["a", 50_000],
      ]),
    );
    const stream = streamOf(zipped.subarray(0, zipped.length - 9));
    expect(shownMap(await findBootMap(stream, GZIP, inflate))).toContain("boot/system.map [");
  });

  it("says of damaged gzip that it is", async () => {
    for (const zipped of [
      Buffer.from("no gzip at all"),
      gzipSync(archive([["a", "b"]])).subarray(0, 30),
    ]) {
      const answer = shownMap(await findBootMap(streamOf(zipped), GZIP, inflate));
      expect(answer).toMatch(/^422 Error reading application\/x-gzip stream: /);
    }
  });

  it("throws what the stream throws, packed or not", async () => {
    for (const unpack of [undefined, inflate]) {
      const stream = streamOf(Buffer.from([0x1f]), new Error("gone"));
      await expect(findBootMap(stream, GZIP, unpack)).rejects.toThrow("gone");
    }
  });
});

describe("scripts", () => {
  it.each([
    ["#!file://python:python\nprint(1)", "file://python:python", ""],
    ["#! \tfile://python:bin/python  -u   -v \r\n", "file://python:bin/python", "-u -v"],
    ["#!swift://~/bin/sh -e\n", "swift://~/bin/sh", "-e"],
    ["#!swift://a/c/ü\n", "swift://a/c/ü", ""],
  ])("reads %j", (text, url, args) => {
    const script = readScript(bytes(text));
    expect(script).toMatchObject({ kind: "script", interpreter: { text: url }, args });
  });

  it.each([
    ["", "400 Unsupported Content-Type"],
    ["# !file://a:b\n", "400 Unsupported Content-Type"],
    ["\ufeff#!file://a:b\n", "400 Unsupported Content-Type"],
    ["#!file://python:python", "400 Cannot find shebang (#!) in script"],
    ["#!file://python:\x80\n", "400 Cannot find shebang (#!) in script"],
    ["#!\n", "400 Bad interpreter "],
    ["#! /bin/python\n", "400 Bad interpreter /bin/python"],
    ["#! system_python bin/python\n", "400 Bad interpreter system_python"],
    ["#!swift://a/c\n", "400 Bad interpreter swift://a/c"],
    ["#!swift://a/c/*\n", "400 Bad interpreter swift://a/c/*"],
    ["#!swift://a/../o\n", "400 Bad interpreter swift://a/../o"],
    ["#!file://python:\n", "400 Bad interpreter file://python:"],
    ["#!file://bin/python\n", "400 Must supply image name in shebang url file://bin/python"],
    ["#!tcp://1.2.3.4:5\n", "400 Bad interpreter tcp://1.2.3.4:5"],
  ])("refuses %j: %s", (text, expected) => {
    const head = text.includes("\x80") ? Buffer.from(text, "latin1") : bytes(text);
    expect(shown(readScript(head))).toBe(expected);
  });

  it("makes the job of the book of them", () => {
    const script = readScript(bytes("#!file://python:bin/python -u\n"));
    if (script.kind === "refusal") throw new Error(script.text);
    expect(JSON.parse(scriptJob(script))).toEqual([
      {
        name: "script",
        exec: { path: "file://python:bin/python", args: "-u script" },
        devices: [{ name: "stdout", content_type: "text/plain" }, { name: "python" }],
      },
    ]);
    expect(JSON.parse(scriptJob(script, "swift://a/c/o"))[0].devices[0]).toEqual({
      name: "stdin",
      path: "swift://a/c/o",
    });
  });

  it("makes jobs that can be read of all that it accepts", () => {
    const line = fc.oneof(
      fc.string(),
      fc
        .tuple(fc.constantFrom("file://i:p", "swift://a/c/o"), fc.string())
        .map((parts) => parts.join(" ")),
    );
    fc.assert(
      fc.property(line, (text) => {
        const script = readScript(bytes(`#!${text}\n`));
        if (script.kind === "refusal") {
          expect(script.status).toBe(400);
          return;
        }
        const { job, findings } = parseJob(scriptJob(script));
        const isBroken = /[\p{Cc}\ufffe\uffff]/u.test(script.args);
        expect(job === undefined).toBe(isBroken);
        if (isBroken) expect(findings[0]?.rule).toBe("exec-property");
      }),
      { numRuns: 300 },
    );
  });

  it("puts the script into an archive of one file", () => {
    const pieces: Uint8Array[] = [];
    const text = bytes("#!file://python:python\nprint(1)\n");
    writeScriptImage(memorySource(text), { write: (piece) => void pieces.push(piece.slice()) });
    const image = Buffer.concat(pieces);
    const options = { name: "image", membersMax: 10, links: "contained" } as const;
    const members = indexTar(memorySource(image), options);
    expect(members).toMatchObject([{ path: "script", kind: "file", mode: 0o755, mtimeSeconds: 0 }]);
    const at = members[0]?.dataOffset ?? 0;
    expect(image.subarray(at, at + text.length)).toEqual(Buffer.from(text));
  });
});
