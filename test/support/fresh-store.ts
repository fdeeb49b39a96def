/** For tests: a store in a folder of its own, and uploads of text. */
import { accessSync, constants } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Span, Store, type StoreOptions } from "../../src/zerocloud/store/index.ts";

/** A store in a new folder, which `dispose` removes. */
export interface FreshStore {
  readonly folder: string;
  readonly store: Store;
  /** Closes the store and opens it again, as the next start would. */
  reopen(options?: Partial<StoreOptions>): Promise<Store>;
  dispose(): Promise<void>;
}

/** In memory where there is such a place: what tests of operations wait for is the disk. */
export const STORE_TESTS_FOLDER = isWritable("/dev/shm") ? "/dev/shm" : tmpdir();

function isWritable(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** Nothing of a test's disk is kept free. */
const TEST_OPTIONS = { reserveBytes: 0 };

export async function freshStore(options: Partial<StoreOptions> = {}): Promise<FreshStore> {
  const folder = await mkdtemp(join(STORE_TESTS_FOLDER, "zerovm-store-"));
  let store = await Store.open({ ...TEST_OPTIONS, ...options, folder });
  await store.accounts.create("a");
  await store.containers.create({ account: "a", container: "c" });
  return {
    folder,
    get store() {
      return store;
    },
    async reopen(changed = {}) {
      await store.close();
      store = await Store.open({ ...TEST_OPTIONS, ...options, ...changed, folder });
      return store;
    },
    async dispose() {
      await store.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** An object of the account and container that a fresh store has. */
export function inContainer(object: string) {
  return { account: "a", container: "c", object };
}

/** Bytes as an upload that comes in pieces. */
export async function* upload(text: string | Uint8Array, pieceBytes = 7) {
  const bytes = Buffer.from(text);
  for (let offset = 0; offset < bytes.length; offset += pieceBytes) {
    yield bytes.subarray(offset, offset + pieceBytes);
  }
}

/** Stores a text. */
export async function putText(store: Store, object: string, text: string) {
  return await store.objects.put(inContainer(object), { source: upload(text) });
}

/** The bytes of an object's file, as text. */
export async function textOf(store: Store, object: string): Promise<string> {
  const { handle } = await store.objects.open(inContainer(object));
  try {
    return await handle.readFile("utf8");
  } finally {
    await handle.close();
  }
}

/** The bytes of a part of an object, whose file is closed then. */
export async function bytesOfSpan(span: Span): Promise<Buffer> {
  if ("bytes" in span) return Buffer.from(span.bytes);
  const { handle, offset, length } = span;
  const bytes = Buffer.alloc(length);
  const { bytesRead } = await handle.read(bytes, 0, length, offset);
  await handle.close();
  return bytes.subarray(0, bytesRead);
}
