import { describe, expect, test } from "vitest";
import { textOf } from "../../base/index.ts";
import { parseNvram } from "../../zrt/nvram/index.ts";
import type { PlannedNode } from "../plan/index.ts";
import { guestConfig, nvramText } from "./guest-world.ts";

const item = { account: "a", container: "c", object: "o" };

function nodeWith(fields: Partial<PlannedNode>): PlannedNode {
  return {
    id: 1,
    name: "n",
    group: "n",
    program: { kind: "object", item, url: "swift://a/c/p" },
    programName: "wc",
    args: "",
    env: {},
    channels: [],
    instances: [1],
    pool: "default",
    captures: [],
    transfers: [],
    ...fields,
  };
}

const OUTPUT = {
  kind: "stored",
  device: "output",
  type: 3,
  mode: "block",
  item,
  contentType: "text/x",
  meta: { "b-c": "2", a: "1" },
  minSizeBytes: 0,
} as const;

describe("the configuration of a guest", () => {
  test("splits arguments at blanks, with quotes and escapes", () => {
    const { args } = guestConfig(nodeWith({ args: `-l "a b" x\\x20y ü` }), [], undefined);
    expect(args.map(textOf)).toEqual(["wc", "-l", "a b", "x y", "ü"]);
  });

  test("variables of the request win over those of the job, and empty ones are left out", () => {
    const env = { LANG: "C", REQUEST_METHOD: "forged", SCRIPT_NAME: "forged" };
    const request = [
      ["REQUEST_METHOD", "GET"],
      ["QUERY_STRING", ""],
      ["SCRIPT_NAME", "wc"],
    ] as const;
    const config = guestConfig(nodeWith({ env }), request, undefined);
    expect(config.env).toEqual([
      ["LANG", "C"],
      ["REQUEST_METHOD", "GET"],
      ["SCRIPT_NAME", "wc"],
    ]);
  });

  test("tells of the object that is written, and shows it as a file that can be cut", () => {
    const attachment = { device: "output", item, access: "write" } as const;
    const config = guestConfig(nodeWith({ attachment, channels: [OUTPUT] }), [], undefined);
    expect(config.env.slice(0, 6)).toEqual([
      ["LOCAL_OBJECT", "on"],
      ["LOCAL_PATH_INFO", "/a/c/o"],
      ["LOCAL_DOCUMENT_ROOT", "/dev/output"],
      ["LOCAL_CONTENT_TYPE", "text/x"],
      ["LOCAL_HTTP_X_OBJECT_META_A", "1"],
      ["LOCAL_HTTP_X_OBJECT_META_B_C", "2"],
    ]);
    expect(config.mapping).toEqual([{ channel: "/dev/output", mode: "file", truncate: true }]);
  });

  test("shows what leads to other nodes as pipes", () => {
    const ends = [{ device: "out/b", access: "write", peers: [2] }] as const;
    const config = guestConfig(nodeWith({ channels: [OUTPUT] }), [], undefined, ends);
    expect(config.mapping.slice(1)).toEqual([
      { channel: "/dev/out/b", mode: "pipe", truncate: false },
    ]);
  });
});

test("the text on nvram holds the same, images included, and may be long", () => {
  const env = { LANG: "C,UTF", QUOTED: 'a "b" \\ #' };
  const channels = [
    OUTPUT,
    { kind: "posted-image", device: "image", type: 3, mode: "file" },
  ] as const;
  const config = guestConfig(nodeWith({ args: "-l 'x'", env, channels }), [], undefined);
  const { config: read, diagnostics } = parseNvram(nvramText(config, channels.slice(1)));
  expect(diagnostics).toEqual([]);
  expect(read).toMatchObject({ args: config.args, env: config.env, mapping: config.mapping });
  expect(read?.mounts).toMatchObject([
    { channel: "/dev/image", mountpoint: "/", access: "ro", removable: true },
  ]);
  const long = guestConfig(nodeWith({ env: { LONG: "x".repeat(20_000) } }), [], undefined);
  expect(nvramText(long, []).length).toBeGreaterThan(20_000);
});
