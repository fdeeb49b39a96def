/**
 * A program that fills the disk of a store, then deletes and goes on; prints what it saw as JSON.
 *
 * `node store-filler.mjs FOLDER RESERVE_BYTES`
 */
import { Store } from "../../src/zerocloud/store/index.ts";

const [folder = "", reserve = "0"] = process.argv.slice(2);
const store = await Store.open({ folder, reserveBytes: Number(reserve) });
const address = (object: string) => ({ account: "a", container: "c", object });
await store.accounts.create("a");
await store.containers.create({ account: "a", container: "c" });

async function* piece(bytes: number) {
  yield Buffer.alloc(bytes, "x");
}

/** @returns the code of the failure that ended it */
async function fill(bytes: number, from: number): Promise<[string, number]> {
  for (let count = from; ; count += 1) {
    try {
      await store.objects.put(address(`o${count}`), { source: piece(bytes) });
    } catch (error) {
      return [(error as { code: string }).code, count];
    }
  }
}

const [first, count] = await fill(100_000, 0);
const [second, more] = await fill(0, count);
const listed = await store.containers.list({ account: "a", container: "c" });
await Promise.all(
  Array.from({ length: count }, (_, at) => store.objects.remove(address(`o${at}`))),
);
await store.idle();
await store.objects.put(address("again"), { source: piece(100_000) });
const { objectCount } = await store.containers.stat({ account: "a", container: "c" });
await store.close();
const seen = { first, second, count, more, listed: listed.length, objectCount };
process.stdout.write(`${JSON.stringify(seen)}\n`);
