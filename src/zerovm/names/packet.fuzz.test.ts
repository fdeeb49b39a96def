import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { NameTable } from "./name-table.ts";
import { decodeAnswer, decodeRequest, encodeAnswer, encodeRequest, NODE_MAX } from "./packet.ts";

const node = fc.integer({ min: 1, max: NODE_MAX });
const peer = fc.oneof(fc.integer({ min: 0, max: 5 }), fc.integer({ min: 0, max: 2 ** 32 - 1 }));
const port = fc.integer({ min: 0, max: 65_535 });
const bind = fc.record({ peer, port });
const request = fc.record({
  node: fc.oneof(fc.integer({ min: 1, max: 5 }), node),
  binds: fc.array(bind, { maxLength: 8 }),
  connects: fc.array(fc.record({ peer }), { maxLength: 8 }),
});
const place = fc.record({ address: fc.ipV4(), port });

/** Datagrams that are nearly right: counts and lengths that belong to others. */
const nearly = fc
  .tuple(
    request,
    fc.nat(60),
    fc.nat(255),
    fc.oneof(fc.constant(0), fc.integer({ min: -7, max: 7 })),
  )
  .map(([whole, at, value, more]) => {
    const bytes = encodeRequest(whole);
    bytes[at % bytes.length] = value;
    const size = Math.max(0, bytes.length + more);
    return Buffer.concat([bytes, Buffer.alloc(7)]).subarray(0, size);
  });
const datagram = fc.oneof(
  nearly,
  fc.uint8Array({ maxLength: 80 }).map((bytes) => Buffer.from(bytes)),
);

describe("packets under fuzz", () => {
  test("what is written is read", () => {
    fc.assert(
      fc.property(request, (given) => {
        expect(decodeRequest(encodeRequest(given))).toEqual(given);
      }),
    );
    fc.assert(
      fc.property(request, fc.array(place, { maxLength: 8 }), (given, places) => {
        const { node: id, binds } = given;
        expect(decodeAnswer(encodeAnswer(given, places))).toEqual({ node: id, binds, places });
      }),
    );
  });

  test("what is read of anybody is all of it, to the byte, or nothing", () => {
    let readable = 0;
    fc.assert(
      fc.property(datagram, (bytes) => {
        const read = decodeRequest(bytes);
        if (typeof read === "string") return;
        readable += 1;
        const again = encodeRequest(read);
        // Only the ports of connect records are not kept: they are zero.
        expect(again.length).toBe(bytes.length);
        const kept = 12 + 6 * read.binds.length;
        expect(again.subarray(0, kept)).toEqual(bytes.subarray(0, kept));
      }),
      { numRuns: 3000 },
    );
    expect(readable).toBeGreaterThan(300);
  });

  test("answers are as long as requests, and nobody is answered before all reported", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4 }), fc.array(request), (count, requests) => {
        const table = new NameTable(count);
        const seen = new Set<number>();
        const lengths = new Map<number, number>();
        for (const [index, given] of requests.entries()) {
          const bytes = encodeRequest(given);
          const done = table.register(given, bytes, { address: "10.0.0.1", port: index + 1 });
          if (done.kind === "refused") {
            expect([seen.size, seen.has(given.node)]).toEqual([count, false]);
            continue;
          }
          seen.add(given.node);
          lengths.set(given.node, bytes.length);
          expect(seen.size).toBeLessThanOrEqual(count);
          if (seen.size < count) expect(done.replies).toEqual([]);
          else expect(done.replies.length).toBeGreaterThan(0);
          for (const reply of done.replies) {
            const id = reply.bytes.readUInt32BE(0);
            expect(reply.bytes.length).toBe(lengths.get(id));
          }
        }
      }),
      { numRuns: 500 },
    );
  });
});
