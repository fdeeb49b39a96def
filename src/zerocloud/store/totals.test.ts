import { expect, test } from "vitest";
import { inContainer, putText } from "../../../test/support/fresh-store.ts";
import { storeForEachTest } from "../../../test/support/store-for-each-test.ts";
import { Database } from "./database.ts";
import { type CheckFinding, checkStore } from "./index.ts";
import { TOTALS_KEY } from "./totals.ts";

const fresh = storeForEachTest();

/** Two accounts, three containers, four objects. */
async function fill(): Promise<void> {
  const { store } = fresh;
  await store.accounts.create("b");
  for (const [account, container] of [
    ["a", "d"],
    ["b", "c"],
  ] as const) {
    await store.containers.create({ account, container });
  }
  for (const name of ["1", "2", "3"]) await putText(store, name, "text");
  const to = { account: "b", container: "c", object: "copy" };
  await store.objects.copy({ from: inContainer("1"), to });
}

/** Puts other totals into the closed store, or none. */
async function tamper(bytes: Buffer | undefined): Promise<void> {
  await fresh.store.close();
  const database = Database.open(fresh.folder);
  await database.change(() => {
    const { state } = database.tables;
    if (bytes === undefined) state.remove(TOTALS_KEY);
    else state.put(TOTALS_KEY, bytes);
  });
  await database.close();
}

async function findings(): Promise<string[]> {
  const found: CheckFinding[] = [];
  await checkStore(fresh.folder, (finding) => found.push(finding));
  return found.map(({ path, problem }) => `${path}: ${problem}`);
}

const FILLED = { accounts: 2, containers: 3, objects: 4, bytes: 16 };

test("the totals are those of all accounts, whatever is made, replaced, refused and removed", async () => {
  const { store } = fresh;
  expect(store.totals()).toEqual({ accounts: 1, containers: 1, objects: 0, bytes: 0 });
  await fill();
  expect(store.totals()).toEqual(FILLED);
  await putText(store, "1", "longer text");
  await store.objects.remove(inContainer("2"));
  await expect(store.containers.remove({ account: "a", container: "c" })).rejects.toThrow();
  await store.containers.remove({ account: "a", container: "d" });
  await store.accounts.create("c", {});
  await store.accounts.create("c", { "x-account-meta-a": "1" });
  await store.accounts.remove("c");
  expect(store.totals()).toEqual({ accounts: 2, containers: 2, objects: 3, bytes: 19 });
  await fresh.reopen();
  expect(fresh.store.totals()).toEqual({ accounts: 2, containers: 2, objects: 3, bytes: 19 });
});

test("a folder without totals, or with damaged ones, is counted", async () => {
  await fill();
  for (const bytes of [undefined, Buffer.from("?")]) {
    await tamper(bytes);
    const store = await fresh.reopen();
    expect(store.totals()).toEqual(FILLED);
    for (const text of ["longer", "text"]) await putText(store, "1", text);
    await store.close();
    expect(await findings()).toEqual([]);
  }
});

test("a damaged account keeps nobody else from writing to a folder without totals", async () => {
  await fill();
  await tamper(undefined);
  const database = Database.open(fresh.folder);
  await database.change(() => {
    database.tables.accounts.put(Buffer.from("b"), Buffer.from("?"));
  });
  await database.close();
  const store = await fresh.reopen();
  await putText(store, "4", "text");
  expect(store.totals()).toEqual({ accounts: 1, containers: 2, objects: 4, bytes: 16 });
});

test("a check finds totals that are wrong", async () => {
  await fill();
  await tamper(Buffer.from(JSON.stringify({ ...FILLED, objects: 7 })));
  expect(await findings()).toEqual(["the store: it counts 7 objects and has 4"]);
});
