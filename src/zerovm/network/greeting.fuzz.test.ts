import { createHash } from "node:crypto";
import { closeSync } from "node:fs";
import { connect, createServer } from "node:net";
import fc from "fast-check";
import { expect, it } from "vitest";
import { encodeAnswer, encodeHello, NONCE_BYTES } from "./greeting-codec.ts";
import { reachWire } from "./reach-wire.ts";
import { WireError } from "./wire.ts";
import { WireDoor } from "./wire-door.ts";

const HOST = "127.0.0.1";
const NAME = "1>2";
const KEY = createHash("sha256").update("key").digest();
const NONCE = new Uint8Array(NONCE_BYTES);

/** The beginning of something right, and then anything, in pieces. */
function almost(right: Uint8Array): fc.Arbitrary<readonly Uint8Array[]> {
  const rest = fc.array(fc.uint8Array({ minLength: 1, maxLength: 400 }), { maxLength: 4 });
  return fc.tuple(fc.nat(right.length), rest).map(([size, pieces]) => {
    return [right.subarray(0, size), ...pieces];
  });
}

it("a door lets in nobody who only says something like a greeting, and then a true writer", async () => {
  const door = await WireDoor.open({ host: HOST, port: 0, greetingMs: 200 });
  const { port } = door;
  try {
    await fc.assert(
      fc.asyncProperty(almost(encodeHello(NAME, true, NONCE)), async (pieces) => {
        const reading = door.expect(NAME, { key: KEY });
        const heard = await new Promise<number>((resolve) => {
          let sizeBytes = 0;
          const socket = connect(port, HOST);
          socket.on("data", (bytes: Buffer) => {
            sizeBytes += bytes.length;
          });
          socket.on("error", () => undefined);
          socket.on("close", () => resolve(sizeBytes));
          for (const piece of pieces) socket.write(piece);
        });
        // At most an answer, never the go behind it.
        expect([0, 73]).toContain(heard);
        const written = await reachWire({ host: HOST, port, name: NAME, key: KEY });
        for (const { fd } of [written, await reading]) closeSync(fd);
      }),
      { numRuns: 40 },
    );
  } finally {
    door.close();
  }
});

it("a writer takes nothing else for its reader", async () => {
  let answer: readonly Uint8Array[] = [];
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.on("data", () => {
      for (const piece of answer) socket.write(piece);
      socket.end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, HOST, resolve));
  const address = server.address();
  const port = typeof address === "object" ? (address?.port ?? 0) : 0;
  const { bytes } = encodeAnswer(encodeHello(NAME, true, NONCE), KEY, NONCE);
  try {
    await fc.assert(
      fc.asyncProperty(almost(bytes), async (pieces) => {
        answer = pieces;
        const tooLate = new AbortController();
        const reached = reachWire({
          host: HOST,
          port,
          name: NAME,
          key: KEY,
          signal: tooLate.signal,
          // It is tried again where nothing was said that cannot become an answer.
          onRetry: (reason) => tooLate.abort(new WireError(reason)),
        });
        await expect(reached).rejects.toBeInstanceOf(WireError);
      }),
      { numRuns: 60 },
    );
  } finally {
    server.close();
  }
});
