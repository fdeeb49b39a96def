import { Readable, Writable } from "node:stream";
import { describe, expect, test } from "vitest";
import { channel, channelsWith } from "../../../test/support/sessions.ts";
import type { ChannelDeclaration } from "../manifest/index.ts";
import { collector } from "./collector.ts";
import type { SessionOptions } from "./options.ts";
import { COLLECTED_BYTES_MAX, StandardStreams } from "./standard-streams.ts";

const OWN = ["/dev/stdin", "/dev/stdout", "/dev/stderr"].map((alias) =>
  channel(alias, alias, alias === "/dev/stdin" ? "ro" : "wo"),
);

type Streams = Pick<SessionOptions, "stdin" | "stdout" | "stderr">;

function streamsOf(options: Streams, channels: readonly ChannelDeclaration[] = OWN) {
  const streams = new StandardStreams({ program: "p", ...options }, channels);
  const adapted = streams.adapt(channels);
  return {
    streams,
    adapted,
    kinds: [...streams.substitutes].map(([alias, { kind }]) => [alias, kind]),
  };
}

describe("StandardStreams", () => {
  test("nothing to read and collected output, unless said otherwise", () => {
    const { adapted, kinds, streams } = streamsOf({});
    expect(adapted[0]?.sources).toEqual([{ kind: "path", path: "/dev/null" }]);
    expect(adapted[1]?.limits.putBytes).toBe(BigInt(COLLECTED_BYTES_MAX));
    expect(kinds).toEqual([
      ["/dev/stdout", "writable"],
      ["/dev/stderr", "writable"],
    ]);
    expect(streams.collected()).toEqual({ stdout: Buffer.alloc(0), stderr: Buffer.alloc(0) });
  });

  test("inherited streams stay as they are", () => {
    const inherit = { stdin: "inherit", stdout: "inherit", stderr: "inherit" } as const;
    const { adapted, kinds } = streamsOf(inherit);
    expect(adapted).toEqual(OWN);
    expect(kinds).toEqual([]);
  });

  test("ignored output goes to the null device", () => {
    const { adapted, kinds } = streamsOf({ stdout: "ignore", stderr: "ignore" });
    expect(adapted.map(({ sources }) => sources)).toEqual(
      OWN.map(() => [{ kind: "path", path: "/dev/null" }]),
    );
    expect(kinds).toEqual([]);
  });

  test.each<[string, NonNullable<Streams["stdin"]>, unknown]>([
    ["text", { text: "ä" }, { kind: "contents", bytes: new Uint8Array([0xc3, 0xa4]) }],
    ["bytes", new Uint8Array([1]), { kind: "contents", bytes: new Uint8Array([1]) }],
    ["a stream", Readable.from([]), { kind: "readable", stream: expect.any(Readable) }],
  ])("input may be %s", (_, stdin, substitute) => {
    expect(streamsOf({ stdin }).streams.substitutes.get("/dev/stdin")).toEqual(substitute);
  });

  test("output may be a stream", () => {
    const stream = new Writable();
    const { streams, adapted } = streamsOf({ stdout: stream });
    expect(streams.substitutes.get("/dev/stdout")).toEqual({ kind: "writable", stream });
    expect(adapted[1]).toEqual(OWN[1]);
  });

  test("a channel in place of a standard stream is not touched", () => {
    const { adapted, kinds } = streamsOf({ stdin: { text: "x" } }, channelsWith());
    expect(adapted).toEqual(channelsWith());
    expect(kinds).toEqual([]);
  });
});

test("a collector keeps no more than it may", async () => {
  const { stream, bytes } = collector(5);
  for (const text of ["abc", "def", "ghi"]) stream.write(text);
  await new Promise<void>((resolve) => {
    stream.end(resolve);
  });
  expect(`${bytes()}`).toBe("abcde");
});
