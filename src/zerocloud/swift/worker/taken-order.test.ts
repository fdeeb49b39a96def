import { closeSync, openSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { temporaryFolders } from "../../../../test/support/temporary-folder.ts";
import type { NodeOrder } from "../orders/node-order.ts";
import { PartReader, writePart } from "../orders/parts.ts";
import { BroughtRoom } from "./brought-room.ts";
import { type Handed, TakenOrder } from "./taken-order.ts";

const newFolder = temporaryFolders();
const NO_OBJECT: Handed = { fd: undefined };

interface Shape {
  /** What the coordinator says of the sizes of inputs that come as parts, and what they have. */
  readonly inputs?: readonly (readonly [said: number, has: number])[];
  /** Bytes of the data of the request. */
  readonly body?: number;
  /** An input that the object server has, and that may come as a part, too. */
  readonly here?: number;
}

/** An order for node `n`, with the parts behind it. */
function orderOf({ inputs = [], body, here }: Shape): [NodeOrder, PartReader] {
  const statOf = (sizeBytes: number) => ({ sizeBytes }) as NodeOrder["items"][number]["stat"];
  const items = [
    ...(here === undefined ? [] : [{ stat: statOf(here), from: "here" as const }]),
    ...inputs.map(([said]) => ({ stat: statOf(said), from: "part" as const })),
  ];
  const order = {
    node: { name: "n" },
    limits: { limits: { inputBytes: 1000 } },
    items,
    brought: body === undefined ? [] : ["body"],
  } as unknown as NodeOrder;
  const sizes = [
    ...inputs.map(([, has]) => has),
    ...(body === undefined ? [] : [body]),
    ...(here === undefined ? [] : [here]),
  ];
  async function* bytes(): AsyncGenerator<Uint8Array, void> {
    for (const size of sizes) yield* writePart([Buffer.alloc(size)]);
  }
  return [order, new PartReader(bytes())];
}

async function read(shape: Shape, room: BroughtRoom, handed = NO_OBJECT): Promise<TakenOrder> {
  const [order, parts] = orderOf(shape);
  return await TakenOrder.read(order, parts, handed, room);
}

const newRoom = (one: number, all: number): BroughtRoom =>
  new BroughtRoom({ "jobs.broughtBytes": one, "jobs.broughtBytesPerWorker": all });

describe("an order for which more is brought than may be", () => {
  it.each<[string, Shape, Handed]>([
    [
      "by what is said of it",
      {
        inputs: [
          [60, 60],
          [41, 41],
        ],
      },
      NO_OBJECT,
    ],
    [
      "by what comes",
      {
        inputs: [
          [60, 60],
          [1, 41],
        ],
      },
      NO_OBJECT,
    ],
    ["with the data of the request", { inputs: [[60, 60]], body: 41 }, NO_OBJECT],
    ["with an object that is in no file", { inputs: [[60, 60]], here: 41 }, "as-part"],
  ])("is refused %s, and nothing of it is left", async (_, shape, handed) => {
    const open = readdirSync("/proc/self/fd").length;
    const room = newRoom(100, 1000);
    await expect(read(shape, room, handed)).rejects.toMatchObject({
      status: 413,
      message:
        "What node n reads from elsewhere, its program and images included, has more than the 100 " +
        "bytes that may be brought to a worker: split it among several nodes, or have " +
        "jobs.broughtBytes raised in the configuration of the workers",
    });
    expect(room.bytes).toBe(0);
    expect(readdirSync("/proc/self/fd").length).toBe(open);
  });

  it("is refused before anything of it is read where its sizes are known", async () => {
    const [order] = orderOf({ inputs: [[101, 0]] });
    let isRead = false;
    async function* bytes(): AsyncGenerator<Uint8Array, void> {
      isRead = true;
      yield* writePart([Buffer.alloc(101)]);
    }
    const unread = new PartReader(bytes());
    const taken = TakenOrder.read(order, unread, NO_OBJECT, newRoom(100, 1000));
    await expect(taken).rejects.toMatchObject({ status: 413 });
    expect(isRead).toBe(false);
  });

  it("names the setting of the whole worker where that is the smaller one", async () => {
    const reading = read({ inputs: [[51, 51]] }, newRoom(100, 50));
    await expect(reading).rejects.toThrow(/50 bytes.*have jobs\.broughtBytesPerWorker raised/);
  });
});

it("takes orders up to the last byte, and has room again when one is over", async () => {
  const room = newRoom(100, 150);
  const first = await read({ inputs: [[60, 60]], body: 40 }, room);
  const open = readdirSync("/proc/self/fd").length;
  await expect(read({ inputs: [[51, 51]] }, room)).rejects.toMatchObject({
    code: "ZVM_JOB_BUSY",
    message: "what others brought to its worker leaves no room (jobs.broughtBytesPerWorker)",
  });
  await expect(read({ body: 51 }, room)).rejects.toMatchObject({ code: "ZVM_JOB_BUSY" });
  expect(readdirSync("/proc/self/fd").length).toBe(open);
  const second = await read({ inputs: [[50, 50]] }, room);
  expect(room.bytes).toBe(150);
  first.close();
  first.close();
  expect(room.bytes).toBe(50);
  second.close();
  expect(room.bytes).toBe(0);
});

it("counts nothing of an object whose file was handed over", async () => {
  const path = join(newFolder(), "object");
  writeFileSync(path, Buffer.alloc(500));
  const fd = openSync(path, "r");
  const room = newRoom(100, 100);
  const taken = await read({ here: 500 }, room, { fd });
  expect(room.bytes).toBe(0);
  taken.close();
  closeSync(fd);
});
