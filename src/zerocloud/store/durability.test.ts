/** What reaches the disk when, and what is left when the host refuses. */
import { spawnSync } from "node:child_process";
import { chmod, mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { bundleProgram } from "../../../test/support/bundled.ts";
import {
  type FreshStore,
  freshStore,
  inContainer,
  putText,
  STORE_TESTS_FOLDER,
  textOf,
} from "../../../test/support/fresh-store.ts";
import { Store } from "./index.ts";
import { HOST_FILES, type StoreFiles } from "./store-files.ts";

type Step = keyof StoreFiles | "write" | "sync";

/** Files that note every step, and refuse one. */
class WatchedFiles {
  readonly steps: string[] = [];
  refused: { readonly step: Step; readonly errno: string } | undefined;
  onStep: (step: Step) => void = () => undefined;

  readonly files: StoreFiles = {
    ...HOST_FILES,
    create: async (path) => {
      const file = await this.#take("create", () => HOST_FILES.create(path));
      return {
        write: (bytes) => this.#take("write", () => file.write(bytes)),
        sync: () => this.#take("sync", () => file.sync()),
        close: () => file.close(),
      };
    },
    openRead: (path) => this.#take("openRead", () => HOST_FILES.openRead(path)),
    link: (from, to) => this.#take("link", () => HOST_FILES.link(from, to)),
    rename: (from, to) => this.#take("rename", () => HOST_FILES.rename(from, to)),
    unlink: (path) => this.#take("unlink", () => HOST_FILES.unlink(path)),
    syncFolder: (path) => this.#take("syncFolder", () => HOST_FILES.syncFolder(path)),
    freeBytes: (path) => this.#take("freeBytes", () => HOST_FILES.freeBytes(path)),
  };

  async #take<Result>(step: Step, act: () => Promise<Result>): Promise<Result> {
    this.steps.push(step);
    this.onStep(step);
    if (this.refused?.step === step) {
      const { errno } = this.refused;
      throw Object.assign(new Error(`${errno}: ${step}`), { code: errno });
    }
    return await act();
  }
}

let watched: WatchedFiles;
let fresh: FreshStore;

beforeEach(async () => {
  watched = new WatchedFiles();
  fresh = await freshStore({ files: watched.files });
  await putText(fresh.store, "old", "old");
  await fresh.store.idle();
  watched.steps.length = 0;
});

afterEach(async () => {
  watched.refused = undefined;
  await fresh.dispose();
});

async function contentFiles(): Promise<number> {
  const found = await readdir(fresh.folder, { withFileTypes: true, recursive: true });
  return found.filter((entry) => entry.isFile() && /^[0-9a-f]{32}$/.test(entry.name)).length;
}

describe("an upload", () => {
  it("is on the disk, bytes and name, before anybody can see it", async () => {
    const seen: string[] = [];
    watched.onStep = (step) => {
      const listed = fresh.store.objects.stat(inContainer("new"));
      void listed.then(
        () => seen.push(step),
        () => undefined,
      );
    };
    await putText(fresh.store, "new", "hello");
    const order = watched.steps.filter((step) => step !== "freeBytes");
    expect(order).toEqual(["create", "write", "sync", "rename", "syncFolder"]);
    expect(seen).toEqual([]);
  });

  it("leaves the file of what it replaced until it is seen itself", async () => {
    const seen: string[] = [];
    watched.onStep = (step) => {
      if (step !== "unlink") return;
      void textOf(fresh.store, "old").then((text) => seen.push(text));
    };
    await putText(fresh.store, "old", "new");
    await fresh.store.idle();
    await expect.poll(() => seen).toEqual(["new"]);
  });

  it.each([
    ["create", "EMFILE", "ZVM_STORE_BUSY"],
    ["create", "ENFILE", "ZVM_STORE_BUSY"],
    ["write", "ENOSPC", "ZVM_STORE_FULL"],
    ["write", "EDQUOT", "ZVM_STORE_FULL"],
    ["write", "EIO", "ZVM_STORE_FAILED"],
    ["sync", "EIO", "ZVM_STORE_FAILED"],
    ["rename", "ENOSPC", "ZVM_STORE_FULL"],
    ["syncFolder", "EMFILE", "ZVM_STORE_BUSY"],
    ["freeBytes", "EIO", "ZVM_STORE_FAILED"],
  ] as const)("leaves nothing where %s fails with %s", async (step, errno, code) => {
    watched.refused = { step, errno };
    await expect(putText(fresh.store, "old", "new")).rejects.toMatchObject({ code });
    watched.refused = undefined;
    expect(await textOf(fresh.store, "old")).toBe("old");
    expect(await contentFiles()).toBe(1);
    await putText(fresh.store, "old", "new");
    expect(await textOf(fresh.store, "old")).toBe("new");
  });
});

describe("a reader", () => {
  it("is told when there are no descriptors", async () => {
    watched.refused = { step: "openRead", errno: "EMFILE" };
    const refused = fresh.store.objects.open(inContainer("old"));
    await expect(refused).rejects.toMatchObject({ code: "ZVM_STORE_BUSY" });
  });
});

describe("a copy", () => {
  it("copies the bytes where the file can have no other name", async () => {
    for (const errno of ["EMLINK", "EPERM"]) {
      watched.refused = { step: "link", errno };
      const copy = { from: inContainer("old"), to: inContainer(errno) };
      expect(await fresh.store.objects.copy(copy)).toMatchObject({ sizeBytes: 3 });
      expect(await textOf(fresh.store, errno)).toBe("old");
    }
    expect(await contentFiles()).toBe(3);
  });
});

describe("garbage", () => {
  it("that could not be removed goes after the next start", async () => {
    watched.refused = { step: "unlink", errno: "EIO" };
    await putText(fresh.store, "old", "new");
    await fresh.store.idle();
    expect(await contentFiles()).toBe(2);
    watched.refused = undefined;
    await (await fresh.reopen()).idle();
    expect(await contentFiles()).toBe(1);
  });
});

describe("a full disk", () => {
  it("keeps room for deleting", async () => {
    const { reserveBytes } = { reserveBytes: 2 ** 60 };
    await fresh.reopen({ reserveBytes });
    const refused = putText(fresh.store, "new", "x");
    await expect(refused).rejects.toMatchObject({ code: "ZVM_STORE_FULL" });
    await fresh.store.objects.remove(inContainer("old"));
  });

  it("is survived: objects can be deleted, and stored again", async (context) => {
    const filler = await bundleProgram("test/support/store-filler.ts");
    const disk = await mkdtemp(join(STORE_TESTS_FOLDER, "zerovm-disk-"));
    try {
      // A disk of its own, in a name space of its own: neither needs to be root.
      const script = 'mount -t tmpfs -o size=16m disk "$1" && exec "$2" "$3" "$1" 4000000';
      const args = ["-rm", "sh", "-c", script, "sh", disk, process.execPath, filler.path];
      const run = spawnSync("unshare", args, { encoding: "utf8" });
      // Some systems give their users no name spaces.
      if (/unshare|mount/.test(run.stderr)) context.skip(run.stderr);
      const seen = JSON.parse(run.stdout);
      expect(seen).toMatchObject({
        first: "ZVM_STORE_FULL",
        second: "ZVM_STORE_FULL",
        listed: seen.more,
        objectCount: seen.more - seen.count + 1,
      });
      expect(seen.count).toBeGreaterThan(50);
    } finally {
      await filler.remove();
      await rm(disk, { recursive: true, force: true });
    }
  });
});

describe("a program that was started while a store is open", () => {
  it("has none of its files", () => {
    const { stdout } = spawnSync("ls", ["-l", "/proc/self/fd"], { encoding: "utf8" });
    expect(stdout).toContain("->");
    expect(stdout).not.toContain(fresh.folder);
  });
});

describe("a second process", () => {
  it("is refused while the store is open, and not after", async () => {
    const second = Store.open({ folder: fresh.folder });
    await expect(second).rejects.toMatchObject({
      code: "ZVM_STORE_IN_USE",
      message: expect.stringContaining(fresh.folder),
    });
    await fresh.reopen();
  });
});

it("folders of a store that others could look into are closed to them by its next start", async () => {
  const names = ["contents", "contents/00", "contents/ff", "incoming"];
  for (const name of names) await chmod(join(fresh.folder, name), 0o755);
  await fresh.reopen();
  const modes = names.map(async (name) => (await stat(join(fresh.folder, name))).mode & 0o777);
  expect(await Promise.all(modes)).toEqual(names.map(() => 0o700));
});
