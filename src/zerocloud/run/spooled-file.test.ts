import { openSync, readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { describe, expect, it, vi } from "vitest";
import { ZvmError } from "../../base/index.ts";
import { refusalOf as answerTo } from "../exchange/index.ts";
import type { ItemReading } from "../storage/index.ts";
import { refusalOf } from "./instance-run.ts";
import { OpenedItem } from "./opened-item.ts";
import { spool } from "./spooled-file.ts";

vi.mock("../../zerovm/libc/index.ts", async (original) => ({
  ...(await original<typeof import("../../zerovm/libc/index.ts")>()),
  // The device is as a disk on which not a byte finds room.
  namelessFile: () => openSync("/dev/full", "r+"),
}));

async function* bytes(): AsyncGenerator<Uint8Array, void> {
  yield Buffer.from("some");
}

async function failure(): Promise<ZvmError> {
  const error = await spool(bytes(), 100, "Too large").catch((cause: unknown) => cause);
  if (error instanceof ZvmError) return error;
  throw new Error("there was room");
}

describe("a disk for temporary files that is full", () => {
  it("is named with its folder, and nothing of what was to be kept is left open", async () => {
    const open = readdirSync("/proc/self/fd").length;
    expect(await failure()).toMatchObject({
      code: "ZVM_DISK_FULL",
      message: `Cannot write a temporary file in ${tmpdir()} (TMPDIR): no space left on device`,
    });
    expect(readdirSync("/proc/self/fd").length).toBe(open);
  });

  it("is told to clients without the folder, as 507", async () => {
    const error = await failure();
    const message = "The disk for temporary files is full";
    expect(refusalOf(error)).toMatchObject({ status: 507, message });
    expect(answerTo(error)).toEqual({ status: 507, text: `${message}; try again later` });
  });

  it("is the reason that is told of an object that cannot be brought", async () => {
    const item = { account: "a", container: "c", object: "o" };
    const read = async (): Promise<ItemReading> => {
      throw await failure();
    };
    await expect(OpenedItem.open(read, item, 100)).rejects.toMatchObject({
      status: 507,
      message:
        "Error 507 Insufficient Storage while fetching /a/c/o; the disk for temporary files is full",
    });
  });
});
