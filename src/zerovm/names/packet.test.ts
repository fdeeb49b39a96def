import { describe, expect, test } from "vitest";
import {
  decodeAnswer,
  decodeRequest,
  encodeAnswer,
  encodeRequest,
  NAME_RECORDS_MAX,
} from "./packet.ts";

/** As the book writes packets: in groups. */
function bytesOf(text: string): Buffer {
  return Buffer.from(text.replaceAll(/[^0-9a-f]/g, ""), "hex");
}

const OF_READER = bytesOf("00000002 00000001 00000000 | 00000001 ab19");
const OF_WRITER = bytesOf("00000001 00000000 00000001 | 00000002 0000");
const TO_WRITER = bytesOf("00000001 00000000 00000001 | 7f000001 ab19");

const READER = { node: 2, binds: [{ peer: 1, port: 0xab19 }], connects: [] };
const WRITER = { node: 1, binds: [], connects: [{ peer: 2 }] };

describe("the packets that were observed at the original", () => {
  test("are what is sent", () => {
    expect(encodeRequest(READER)).toEqual(OF_READER);
    expect(encodeRequest(WRITER)).toEqual(OF_WRITER);
    expect(encodeAnswer(WRITER, [{ address: "127.0.0.1", port: 0xab19 }])).toEqual(TO_WRITER);
    expect(encodeAnswer(READER, [])).toEqual(OF_READER);
  });

  test("are understood", () => {
    expect(decodeRequest(OF_READER)).toEqual(READER);
    expect(decodeRequest(OF_WRITER)).toEqual(WRITER);
    const places = [{ address: "127.0.0.1", port: 0xab19 }];
    expect(decodeAnswer(TO_WRITER)).toEqual({ node: 1, binds: [], places });
  });
});

test("binds come before connects, in their order", () => {
  const request = {
    node: 0x7fffffff,
    binds: [
      { peer: 9, port: 1 },
      { peer: 3, port: 65_535 },
    ],
    connects: [{ peer: 8 }, { peer: 0xffffffff }],
  };
  const bytes = bytesOf(
    "7fffffff 00000002 00000002 | 00000009 0001 00000003 ffff | 00000008 0000 ffffffff 0000",
  );
  expect(encodeRequest(request)).toEqual(bytes);
  expect(decodeRequest(bytes)).toEqual(request);
});

describe("a request that is none", () => {
  test.each([
    ["", "0 bytes are less than a head"],
    ["00000001 00000000 000000", "11 bytes are less than a head"],
    ["00000001 00000000 00000001", "12 bytes, where 1 records take 18"],
    ["00000001 00000000 00000000 | 00", "13 bytes, where 0 records take 12"],
    ["00000001 00000001 00000000 | 00000002 00", "17 bytes, where 1 records take 18"],
    ["00000001 ffffffff 00000001", "4294967296 records are more than 10915"],
    ["00000001 00000000 00002aa4", "10916 records are more than 10915"],
    ["00000000 00000000 00000000", "node 0 is not 1 to 2147483647"],
    ["80000000 00000000 00000000", "node 2147483648 is not 1 to 2147483647"],
  ])("%s", (text, why) => {
    expect(decodeRequest(bytesOf(text))).toBe(why);
  });
});

test("a packet has as many records as a datagram has room for", () => {
  const binds = Array.from({ length: NAME_RECORDS_MAX - 1 }, () => ({ peer: 1, port: 1 }));
  const full = encodeRequest({ node: 1, binds, connects: [{ peer: 2 }] });
  expect([NAME_RECORDS_MAX, full.length <= 65_507, full.length + 6 > 65_507]).toEqual([
    10_915,
    true,
    true,
  ]);
  expect(decodeRequest(full)).toMatchObject({ node: 1, connects: [{ peer: 2 }] });
});

test("bytes are read where they are, in the middle of others", () => {
  const around = Buffer.concat([Buffer.alloc(3, 0xff), OF_WRITER, Buffer.alloc(5, 0xff)]);
  expect(decodeRequest(around.subarray(3, 3 + OF_WRITER.length))).toEqual(WRITER);
});
