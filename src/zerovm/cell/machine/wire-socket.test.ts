import { closeSync } from "node:fs";
import { expect, test } from "vitest";
import { HostIoError } from "../../../base/index.ts";
import { FakeHost } from "../../../channels/fake-host.ts";
import { PendingWrites, wireReader, wireWriter } from "../../../channels/index.ts";
import { streamPair } from "../../libc/index.ts";
import { WireSockets } from "./wire-socket.ts";

const MORE_THAN_FITS = 10_000_000;

/** Both ends of one wire in this thread: whatever waits for the other waits for ever. */
function ends(remainingMs: () => number) {
  const [writing, reading] = streamPair();
  const sockets = new WireSockets(remainingMs);
  const pending = new PendingWrites(new FakeHost());
  const source = { alias: "/dev/x", index: 0 };
  const writer = wireWriter({ wire: sockets.open(writing, "w"), peer: "r", source, pending });
  const reader = wireReader({ wire: sockets.open(reading, "r"), peer: "w", source, pending });
  return { sockets, writer, reader, close: () => [writing, reading].forEach(closeSync) };
}

test("whoever ends takes what others write while it waits for room at them", () => {
  const { sockets, writer, reader, close } = ends(() => 5000);
  sockets.doMeanwhile(() => reader.peer?.advance() === true);
  writer.write(new Uint8Array(MORE_THAN_FITS), 0, MORE_THAN_FITS, -1);
  writer.close(0);
  reader.close(0);
  expect(reader.peer?.closing).toMatchObject({ readBytes: MORE_THAN_FITS });
  close();
});

test("whoever waits for room hears that the reader has ended, also where it does not close", () => {
  const { writer, reader, close } = ends(() => 5000);
  reader.peer?.break("it faulted: unreachable");
  expect(() => writer.write(new Uint8Array(MORE_THAN_FITS), 0, MORE_THAN_FITS, -1)).toThrow(
    "/dev/x;0 lost r: it faulted: unreachable",
  );
  close();
});

test("waiting ends with the time of the session, and says for which channel it was", () => {
  let looks = 0;
  const { sockets, writer, close } = ends(() => (looks++ < 2 ? 10 : 0));
  expect(() => writer.write(new Uint8Array(MORE_THAN_FITS), 0, MORE_THAN_FITS, -1)).toThrow(
    HostIoError,
  );
  expect(sockets.waitingFor).toBe("w");
  close();
});
