import type { JsonReader } from "./json-reader.ts";
import type { OrderPeer, OrderSource } from "./order.ts";

export const FD_MAX = 2 ** 20;
const NAME_BYTES_MAX = 2 ** 16;
const KEY_DIGITS = 64;

/** A source of a channel: what kind it is decides which fields it has. */
export function readSource(source: JsonReader): OrderSource {
  const kind = source.field("kind").oneOf(["file", "stream", "peer", "replayed"]);
  if (kind === "replayed") {
    source.only(["kind", "of", "interactive"]);
    const of = source.field("of").oneOf(["file", "stream"]);
    return { kind, of, interactive: source.field("interactive").boolean() };
  }
  const fd = readFd(source);
  if (kind === "peer") return { kind, fd, ...readPeer(source) };
  if (kind === "file") {
    source.only(["kind", "fd", "readAhead", "cut", "resize"]);
    return {
      kind,
      fd,
      readAhead: source.field("readAhead").boolean(),
      cut: source.field("cut").boolean(),
      resize: source
        .field("resize")
        .list(2)
        .map((size) => size.integer(0, Number.MAX_SAFE_INTEGER)),
    };
  }
  source.only(["kind", "fd", "interactive", "writeBehind", "waits"]);
  return {
    kind,
    fd,
    interactive: source.field("interactive").boolean(),
    writeBehind: source.field("writeBehind").boolean(),
    waits: source.field("waits").boolean(),
  };
}

function readPeer(source: JsonReader): Omit<OrderPeer, "kind" | "fd"> {
  source.only(["kind", "fd", "name", "checked", "keys"]);
  const checked = source.optional("checked");
  if (checked?.is(true) === false) checked.fail("is not true");
  const name = source.field("name").bytes(NAME_BYTES_MAX);
  const keys = source.optional("keys")?.only(["writer", "reader"]);
  const plain = { name, ...(checked !== undefined && { checked: true as const }) };
  if (keys === undefined) return plain;
  return {
    ...plain,
    keys: { writer: readKey(keys.field("writer")), reader: readKey(keys.field("reader")) },
  };
}

function readKey(key: JsonReader): string {
  const text = key.bytes(KEY_DIGITS);
  if (!/^[0-9a-f]{64}$/.test(text)) key.fail("is no key");
  return text;
}

/** The number of a descriptor. */
export function readFd(owner: JsonReader): number {
  return owner.field("fd").integer(0, FD_MAX);
}
