/** Stores that somebody damaged. */
import {
  appendFile,
  mkdtemp,
  open,
  readdir,
  readFile,
  rm,
  stat,
  truncate,
  writeFile,
} from "node:fs/promises";
import { basename, join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  inContainer,
  putText,
  STORE_TESTS_FOLDER,
  upload,
} from "../../../test/support/fresh-store.ts";
import { storeForEachTest } from "../../../test/support/store-for-each-test.ts";
import { Database, type Table } from "./database.ts";
import { type CheckFinding, checkStore, Store } from "./index.ts";

const fresh = storeForEachTest();

async function check() {
  const findings: CheckFinding[] = [];
  const tally = await checkStore(fresh.folder, (finding) => findings.push(finding));
  return { findings: findings.map(({ path, problem }) => `${path}: ${problem}`), tally };
}

async function fileOf(object: string): Promise<string> {
  return await fresh.store.objects.locate(inContainer(object));
}

/** Changes tables of the closed store as no store would. */
async function tamper(change: (tables: Database["tables"]) => void): Promise<void> {
  await fresh.store.close();
  const database = Database.open(fresh.folder);
  await database.change(() => change(database.tables));
  await database.close();
}

function firstKey(table: Table): Buffer {
  for (const { key } of table.entries({ from: Buffer.from([0]), to: Buffer.from([255]) }))
    return key;
  throw new Error("the table is empty");
}

describe("a check", () => {
  it("finds nothing wrong with a store of all kinds of things", async () => {
    await putText(fresh.store, "o", "hello");
    await putText(fresh.store, "empty", "");
    await fresh.store.objects.put(inContainer("soon"), { source: upload("x"), deleteAtS: 9e9 });
    await fresh.store.large.put(inContainer("large"), { segments: [{ path: "/c/o" }] });
    await fresh.store.objects.copy({ from: inContainer("o"), to: inContainer("copy") });
    await fresh.store.objects.remove(inContainer("o"));
    const { sizeBytes } = await fresh.store.accounts.stat("a");
    await fresh.store.close();
    const tally = { accounts: 1, containers: 1, objects: 4, sizeBytes, leftovers: 0 };
    expect(await check()).toEqual({ findings: [], tally });
  });

  it("names objects whose files are damaged", async () => {
    const names = ["changed", "cut", "gone", "whole"];
    for (const name of names) await putText(fresh.store, name, "hello");
    const [changed = "", cut = "", gone = ""] = await Promise.all(names.map(fileOf));
    await fresh.store.close();
    const file = await open(changed, "r+");
    await file.write(Buffer.from("H"), 0, 1, 0);
    await file.close();
    await truncate(cut, 4);
    await rm(gone);
    expect((await check()).findings).toEqual([
      `a/c/changed: its file ${basename(changed)} has other bytes than were stored`,
      `a/c/cut: its file ${basename(cut)} has 4 bytes, not 5`,
      `a/c/gone: its file ${basename(gone)} is gone`,
    ]);
  });

  it("finds records, counts and indexes that are wrong", async () => {
    await putText(fresh.store, "o", "hello");
    await fresh.store.objects.put(inContainer("p"), { source: upload("x"), deleteAtS: 9e9 });
    await tamper(({ objects, contents, expiry }) => {
      objects.put(firstKey(objects), Buffer.from('{"content":"?"}'));
      expiry.remove(firstKey(expiry));
      contents.put(Buffer.from("f".repeat(32)), firstKey(objects));
    });
    const { findings } = await check();
    expect(findings).toEqual([
      "a/c/o: its record is damaged",
      "a/c/p: the index of times to delete at does not have it",
      "a: it counts 6 bytes and has 1",
      "a/c: it counts 6 bytes and has 1",
      "?/?/o: the index of contents gives it a file that it has not",
      "?/?/o: the index of contents gives it a file that it has not",
    ]);
  });

  it("finds what has lost its container or account", async () => {
    await putText(fresh.store, "o", "hello");
    await tamper(({ containers }) => containers.remove(firstKey(containers)));
    expect((await check()).findings[0]).toBe("?/?/o: the container of the object is gone");
    const database = Database.open(fresh.folder);
    const { accounts, containers } = database.tables;
    await database.change(() => {
      containers.put(Buffer.from("\0\0\0\0\0\x01c"), Buffer.from("{}"));
      accounts.remove(firstKey(accounts));
    });
    await database.close();
    expect((await check()).findings[0]).toBe("?/c: the account of the container is gone");
  });

  it("counts what a crash left, which the next start after one removes", async () => {
    await putText(fresh.store, "o", "hello");
    const left = join(await fileOf("o"), "..", "a".repeat(32));
    const broken = join(fresh.folder, "incoming", "b".repeat(32));
    await fresh.store.close();
    await Promise.all([left, broken].map((path) => writeFile(path, "x")));
    expect(await check()).toMatchObject({ findings: [], tally: { leftovers: 2 } });
    await tamper(({ state }) => state.put(Buffer.from("opened"), Buffer.from("yes")));
    const store = await Store.open({ folder: fresh.folder, reserveBytes: 0 });
    await store.idle();
    await store.close();
    expect(await check()).toMatchObject({ findings: [], tally: { leftovers: 0, objects: 1 } });
  });

  it("is refused while the store is open", async () => {
    await expect(check()).rejects.toMatchObject({ code: "ZVM_STORE_IN_USE" });
    await fresh.store.close();
  });
});

describe("a database file", () => {
  const database = () => join(fresh.folder, "metadata.mdb");

  it.each([
    ["cut short", async () => truncate(database(), 8192 + 1), /page \d+ is not there/],
    ["of other bytes", async () => writeFile(database(), "x".repeat(100_000)), /no database/],
    ["that is empty", async () => truncate(database(), 0), /is gone/],
    ["that is gone", async () => rm(database()), /is gone/],
  ])("%s is told in one sentence, and no object is touched", async (_, damage, message) => {
    await putText(fresh.store, "o", "hello");
    const path = await fileOf("o");
    await fresh.store.close();
    await damage();
    const failure = { code: "ZVM_STORE_DAMAGED", message: expect.stringMatching(message) };
    await expect(Store.open({ folder: fresh.folder })).rejects.toMatchObject(failure);
    await expect(check()).rejects.toMatchObject(failure);
    expect(await readdir(join(path, ".."))).toEqual([basename(path)]);
  });

  it("damaged anywhere is told or whole, and never ends the process", async () => {
    const names = Array.from({ length: 300 }, (_, index) => `object ${index} `.repeat(9));
    await Promise.all(names.map((name) => putText(fresh.store, name, name)));
    await fresh.store.close();
    const whole = await readFile(database());
    const ends: string[] = [];
    const damage = async (bytes: Uint8Array) => {
      await writeFile(database(), bytes);
      const end = check().then(
        ({ findings }) => (findings.length === 0 ? "whole" : "found"),
        (error) => error.code,
      );
      ends.push(await end);
    };
    for (let page = 2; page < whole.length / 4096; page += 9) {
      await damage(whole.subarray(0, page * 4096 + 100));
      const zeroed = Buffer.from(whole);
      await damage(zeroed.fill(0, page * 4096, page * 4096 + 4096));
      const mixed = Buffer.from(whole);
      await damage(mixed.fill(0xa5, page * 4096 + 16, page * 4096 + 40));
    }
    const known = ["ZVM_STORE_DAMAGED", "whole", "found"];
    expect(ends.filter((end) => !known.includes(end))).toEqual([]);
    expect(ends.filter((end) => end === "ZVM_STORE_DAMAGED").length).toBeGreaterThan(10);
    expect(ends).toContain("whole");
  });
});

describe("a data folder", () => {
  it("is its user's alone", async () => {
    await putText(fresh.store, "o", "hello");
    const found = await readdir(fresh.folder, { withFileTypes: true, recursive: true });
    for (const entry of found) {
      const { mode } = await stat(join(entry.parentPath, entry.name));
      expect(mode & 0o777, entry.name).toBe(entry.isFile() ? 0o600 : 0o700);
    }
    await fresh.store.close();
  });

  it("of another form, or with other things, is left alone", async () => {
    await fresh.store.close();
    await appendFile(join(fresh.folder, "format"), "2\n");
    const failure = { code: "ZVM_STORE_DAMAGED" };
    await expect(Store.open({ folder: fresh.folder })).rejects.toMatchObject(failure);
    const other = await mkdtemp(join(STORE_TESTS_FOLDER, "zerovm-other-"));
    await writeFile(join(other, "letter.txt"), "dear");
    await expect(Store.open({ folder: other })).rejects.toMatchObject(failure);
    await expect(checkStore(other, () => undefined)).rejects.toMatchObject(failure);
    expect(await readdir(other)).toEqual(["letter.txt"]);
    await rm(other, { recursive: true });
  });

  it("that a first start did not finish is finished", async () => {
    await fresh.store.close();
    await rm(join(fresh.folder, "format"));
    await writeFile(join(fresh.folder, "format.new"), "zer");
    const store = await Store.open({ folder: fresh.folder });
    expect(await store.accounts.stat("a")).toMatchObject({ containerCount: 1 });
    await store.close();
  });

  it("where a file stands is told", async () => {
    const path = join(fresh.folder, "file");
    await fresh.store.close();
    await writeFile(path, "x");
    const refused = Store.open({ folder: join(path, "store") });
    await expect(refused).rejects.toMatchObject({ code: "ZVM_STORE_FAILED" });
  });
});
