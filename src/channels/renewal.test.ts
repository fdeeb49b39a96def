import { describe, expect, test } from "vitest";
import { Bug, ERRNO } from "../base/index.ts";
import { limitsOf, shapeOf } from "./channel.contract.ts";
import { Channel } from "./channel.ts";
import { memoryBackend } from "./memory-backend.ts";
import type { ChannelShape, ChannelType } from "./shape.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const BUFFER = bytes("0123456789");

function channelOf(shape: ChannelShape, contents: string): Channel {
  return new Channel(shape, optionsOf(contents));
}

function optionsOf(contents: string) {
  const backends = [memoryBackend(bytes(contents))];
  return { backends, sizeBytes: contents.length, hashName: "sha256" } as const;
}

function read(channel: Channel, size: number, offset = 0): string | number {
  const memory = new Uint8Array(size);
  const count = channel.read(memory, 0, size, offset);
  return count < 0 ? count : new TextDecoder().decode(memory.subarray(0, count));
}

const READ = [10, 100, 0, 0] as const;
const WRITE = [0, 0, 10, 6] as const;

describe("a channel that goes on under another session", () => {
  test.each<[ChannelType, string]>([
    [0, "DE"],
    [2, "DE"],
    [1, "AB"],
    [3, "AB"],
  ])("of type %i is read from where it was, if that is a sequence", (type, next) => {
    const channel = channelOf(shapeOf(type, [...READ]), "abcdef");
    read(channel, 3);
    channel.close();
    channel.renew(shapeOf(type, [...READ]), optionsOf("ABCDEF"));
    expect(read(channel, 2)).toBe(next);
    expect(channel.report()).toMatchObject({ gets: 1, getBytes: 2, hostReads: 1 });
  });

  test("knows no end and no used limit of the session before", () => {
    const channel = channelOf(shapeOf(0, [2, 100, 0, 0]), "ab");
    expect([read(channel, 9), read(channel, 9)]).toEqual(["ab", ""]);
    channel.close();
    channel.renew(shapeOf(0, [1, 100, 0, 0]), optionsOf("ABCD"));
    expect([read(channel, 2), read(channel, 2)]).toEqual(["CD", -ERRNO.EDQUOT]);
    expect(channel.report().hit).toEqual(["gets"]);
  });

  test("may write all bytes of its limit behind those of the session before", () => {
    const channel = channelOf(shapeOf(0, [...WRITE]), "");
    expect(channel.write(BUFFER, 0, 5, 0)).toBe(5);
    channel.close();
    const backend = memoryBackend();
    channel.renew(shapeOf(0, [...WRITE]), { ...optionsOf(""), backends: [backend] });
    expect([channel.putPosition, channel.sizeBytes]).toEqual([5, 0]);
    expect(channel.write(BUFFER, 0, 4, 0)).toBe(4);
    expect(channel.write(BUFFER, 4, 4, 0)).toBe(2);
    expect(channel.write(BUFFER, 6, 1, 0)).toBe(-ERRNO.EINVAL);
    expect(channel.report()).toMatchObject({ puts: 2, putBytes: 6 });
    expect(new TextDecoder().decode(backend.contents())).toBe(`${"\0".repeat(5)}012345`);
  });

  test("appends to the new file where nothing was written before", () => {
    const shape = shapeOf(1, [10, 100, 10, 100]);
    const channel = channelOf(shape, "abc");
    channel.close();
    channel.renew(shape, optionsOf("ABCDEF"));
    expect(channel.putPosition).toBe(6);
  });

  test("has the limits of the new session, and its own name and type", () => {
    const channel = channelOf(shapeOf(0, [...READ]), "");
    const next = shapeOf(0, [1, 2, 0, 0]);
    expect(() => channel.renew(next, optionsOf(""))).toThrow(Bug);
    channel.close();
    expect(() => channel.renew(shapeOf(2, [...READ]), optionsOf(""))).toThrow(Bug);
    expect(() => channel.renew({ ...next, alias: "/dev/else" }, optionsOf(""))).toThrow(Bug);
    channel.renew(next, optionsOf("x"));
    expect(channel.shape.limits).toEqual(limitsOf([1, 2, 0, 0]));
    expect(channel.sizeAtMount).toBe(1);
  });
});
