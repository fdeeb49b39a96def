/**
 * A program that writes to a store until it is killed, and says of each step before it begins and
 * after it was acknowledged: `begin LANE STEP`, `done LANE STEP`. What a step does follows from its
 * numbers alone, so that whoever killed it knows what the store may hold.
 *
 * `node store-writer.mjs FOLDER FIRST_STEP`
 */
import { Store } from "../../src/zerocloud/store/index.ts";
import {
  bytesOfStep,
  LANES,
  nameOfStep,
  SEGMENT_CONTAINER,
  SEGMENTS,
  STEP_HEADER,
  segmentsOfStep,
  stepKind,
} from "./store-steps.ts";

const [folder = "", firstStep = "0"] = process.argv.slice(2);
const store = await Store.open({ folder, reserveBytes: 0 });
const address = (object: string, container = "c") => ({ account: "a", container, object });
await store.accounts.create("a");
await store.containers.create({ account: "a", container: "c" });
await store.containers.create({ account: "a", container: SEGMENT_CONTAINER });
for (const [index, bytes] of SEGMENTS.entries()) {
  await store.objects.put(address(String(index), SEGMENT_CONTAINER), { source: pieces(bytes) });
}
process.stdout.write("ready\n");

async function* pieces(bytes: Buffer) {
  for (let offset = 0; offset < bytes.length; offset += 16_384) {
    yield bytes.subarray(offset, offset + 16_384);
  }
}

async function take(lane: number, step: number): Promise<unknown> {
  const name = address(nameOfStep(lane, step));
  const metadata = { [STEP_HEADER]: String(step) };
  switch (stepKind(lane, step)) {
    case "put":
      return store.objects.put(name, { source: pieces(bytesOfStep(lane, step)), metadata });
    case "large": {
      const segments = segmentsOfStep(lane, step).map((index) => {
        return { path: `/${SEGMENT_CONTAINER}/${index}` };
      });
      return store.large.put(name, { segments, metadata });
    }
    case "remove":
      return store.objects.remove(name).catch(ignoreMissing);
    case "copy": {
      const from = address(nameOfStep(lane, step - 1));
      return store.objects.copy({ from, to: name }).catch(ignoreMissing);
    }
    case "post":
      return store.objects.update(name, { metadata }).catch(ignoreMissing);
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
