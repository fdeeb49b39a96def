import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { craftedTar } from "../../../test/support/crafted-tar.ts";
import { channel, openDescriptors } from "../../../test/support/sessions.ts";
import { temporaryFolders } from "../../../test/support/temporary-folder.ts";
import { STANDARD_LIMITS } from "../../base/index.ts";
import { configWith, type MountRecord } from "../../zrt/nvram/index.ts";
import { openMounts } from "./mounts.ts";

const newFolder = temporaryFolders();

function record(alias: string): MountRecord {
  const rest = { readonly: false, meta: "classic", removable: false, fsname: "tar" } as const;
  return { channel: alias, mountpoint: "/", access: "ro", ...rest };
}

const HARD_TO_READ = "/proc/self/mem";

// The file is one of Linux's own.
test.runIf(existsSync(HARD_TO_READ))(
  "an image that the host does not give is left out",
  async () => {
    const path = join(newFolder(), "good.tar");
    writeFileSync(path, craftedTar([{ name: "a", contents: "hello" }]));
    const channels = [
      channel("/dev/good", path, "ro", { type: 3 }),
      channel("/dev/bad", HARD_TO_READ, "ro", { type: 3 }),
    ];
    const config = configWith({ mounts: [record("/dev/good"), record("/dev/bad")] });
    const before = openDescriptors();
    const { images, warnings, close } = await openMounts(config, channels, STANDARD_LIMITS);
    expect(images.map(({ members }) => members.list().map((member) => member.path))).toEqual([
      ["a"],
    ]);
    expect(warnings).toEqual([
      expect.stringMatching(
        /^Image \/dev\/bad is not mounted on \/: Cannot read the image \/proc\//,
      ),
    ]);
    close();
    expect(openDescriptors()).toEqual(before);
  },
);
