import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { guestOf, savingGuest, showingGuest, writingGuest } from "../../../test/support/guests.ts";
import { channel, channelsWith, manifestFor } from "../../../test/support/sessions.ts";
import { temporaryFolders } from "../../../test/support/temporary-folder.ts";
import { configWith } from "../../zrt/nvram/index.ts";
import { runSession } from "./run-session.ts";

const newFolder = temporaryFolders();

describe("the state of ZRT", () => {
  test("comes from the channel /dev/nvram", async () => {
    const folder = newFolder();
    const tar = join(folder, "out.tar");
    const nvram = join(folder, "nvram");
    writeFileSync(nvram, "[fstab]\nchannel=/dev/out.tar,mountpoint=/tmp,access=wo\n[nonsense]\n");
    const manifest = manifestFor(folder, savingGuest("tmp/saved", "kept text"), {
      channels: channelsWith(
        channel("/dev/nvram", nvram, "ro", { type: 3 }),
        channel("/dev/out.tar", tar, "wo"),
      ),
    });
    const report = await runSession({ manifest });
    expect(report.outcome).toEqual({ kind: "exited", code: 0 });
    expect(readFileSync(tar, "latin1")).toContain("kept text");
    expect(report.warnings).toHaveLength(1);

    const again = manifestFor(folder, showingGuest("in/tmp/saved"), {
      channels: channelsWith(
        channel("/dev/stdout", join(folder, "shown"), "wo"),
        channel("/dev/image", tar, "ro", { type: 3 }),
      ),
    });
    const mounts = [{ ...MOUNT, channel: "/dev/image", mountpoint: "/in" }];
    const second = await runSession({ manifest: again, zrt: configWith({ mounts }) });
    expect(second.outcome).toEqual({ kind: "exited", code: 0 });
    expect(readFileSync(join(folder, "shown"), "utf8")).toBe("kept text");
  });

  test("an image that is none is a warning", async () => {
    const folder = newFolder();
    writeFileSync(join(folder, "bad.tar"), "x".repeat(3000));
    const manifest = manifestFor(folder, writingGuest("x"), {
      channels: channelsWith(channel("/dev/image", join(folder, "bad.tar"), "ro", { type: 3 })),
    });
    const mounts = [{ ...MOUNT, channel: "/dev/image", mountpoint: "/in" }];
    const report = await runSession({ manifest, zrt: configWith({ mounts }) });
    expect(report.exitStatus).toBe(0);
    expect(report.warnings).toHaveLength(1);
    expect(report.warnings[0]).toContain("/dev/image");
  });

  test("a configuration that is too long is refused", async () => {
    const folder = newFolder();
    writeFileSync(join(folder, "nvram"), "#".repeat(10_241));
    const manifest = manifestFor(folder, writingGuest("x"), {
      channels: channelsWith(channel("/dev/nvram", join(folder, "nvram"), "ro", { type: 3 })),
    });
    const report = await runSession({ manifest });
    expect(report.outcome).toMatchObject({
      kind: "refused",
      findings: [{ errorCode: "ZVM_NVRAM" }],
    });
  });

  test("an export that does not fit loses the session", async () => {
    const folder = newFolder();
    const limits = { gets: 0n, getBytes: 0n, puts: 100n, putBytes: 600n };
    const manifest = manifestFor(folder, savingGuest("tmp/x", "y"), {
      channels: channelsWith(channel("/dev/o", join(folder, "o"), "wo", { limits })),
    });
    const mounts = [{ ...MOUNT, channel: "/dev/o", mountpoint: "/tmp", access: "wo" as const }];
    const report = await runSession({ manifest, zrt: configWith({ mounts }) });
    expect(report.outcome).toMatchObject({ kind: "lost", cause: "export" });
    expect(report.exitStatus).toBe(125);
  });

  test("nothing is exported after a fault", async () => {
    const folder = newFolder();
    const manifest = manifestFor(folder, guestOf("unreachable"), {
      channels: channelsWith(channel("/dev/o", join(folder, "o"), "wo")),
    });
    const mounts = [{ ...MOUNT, channel: "/dev/o", mountpoint: "/tmp", access: "wo" as const }];
    const report = await runSession({ manifest, zrt: configWith({ mounts }) });
    expect(report.exitStatus).toBe(132);
    expect(readFileSync(join(folder, "o"))).toHaveLength(0);
  });
});

const MOUNT = {
  access: "ro",
  readonly: false,
  meta: "archive",
  removable: false,
  fsname: "tar",
} as const;
