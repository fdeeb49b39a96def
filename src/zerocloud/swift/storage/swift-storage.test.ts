import { expect, it } from "vitest";
import { ContainerBook } from "./container-book.ts";
import type { SwiftCalls } from "./swift-calls.ts";
import { SwiftStorage } from "./swift-storage.ts";

const ITEM = { account: "a", container: "c", object: "o" };

it("lets go of the bytes of an object that is larger than it may be", async () => {
  let isLet = false;
  async function* bytes(): AsyncGenerator<Uint8Array, void> {
    try {
      yield new Uint8Array(10);
      yield new Uint8Array(10);
    } finally {
      isLet = true;
    }
  }
  const headers = new Map([["content-length", "20"]]);
  const calls = {
    request: async () => ({ status: 200, headers, body: bytes() }),
  } as unknown as SwiftCalls;
  const storage = new SwiftStorage({
    calls,
    containers: new ContainerBook(calls),
    inputBytesMax: 15,
  });
  await expect(storage.read(ITEM)).rejects.toMatchObject({ status: 413 });
  expect(isLet).toBe(true);
});
