/**
 * A program that writes to a store until it is killed, and says of each step before it begins and
 * after it was acknowledged: `begin LANE STEP`, `done LANE STEP`. What a step does follows from its
 * numbers alone, so that whoever killed it knows what the store may hold.
 *
 * `node store-writer.mjs FOLDER FIRST_STEP`
 */
import { Store } from "../../src/zerocloud/store/index.ts";
import { bytesOfStep, LANES, nameOfStep, stepKind } from "./store-steps.ts";

const [folder = "", firstStep = "0"] = process.argv.slice(2);
const store = await Store.open({ folder, reserveBytes: 0 });
const address = (object: string) => ({ account: "a", container: "c", object });
await store.accounts.create("a");
await store.containers.create({ account: "a", container: "c" });
process.stdout.write("ready\n");

async function take(lane: number, step: number): Promise<void> {
  const name = address(nameOfStep(lane, step));
  const bytes = bytesOfStep(lane, step);
  const source = async function* () {
    for (let offset = 0; offset < bytes.length; offset += 16_384) {
      yield bytes.subarray(offset, offset + 16_384);
    }
  };
  const kind = stepKind(lane, step);
  if (kind === "put") await store.objects.put(name, { source: source() });
  else if (kind === "remove") await store.objects.remove(name).catch(ignoreMissing);
  else {
    const from = address(nameOfStep(lane, step - 1));
    await store.objects.copy({ from, to: name }).catch(ignoreMissing);
  }
}

function ignoreMissing(error: unknown): void {
  if ((error as { code?: string }).code !== "ZVM_STORE_NOT_FOUND") throw error;
}

async function work(lane: number): Promise<void> {
  for (let step = Number(firstStep); ; step += 1) {
    process.stdout.write(`begin ${lane} ${step}\n`);
    await take(lane, step);
    process.stdout.write(`done ${lane} ${step}\n`);
  }
}

await Promise.all(Array.from({ length: LANES }, (_, lane) => work(lane)));
