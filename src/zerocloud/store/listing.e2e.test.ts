/** A container with very many objects is listed page by page in memory that does not grow. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { CloudProcess } from "../../../test/support/cloud-process.ts";
import { Catalog } from "./catalog.ts";
import { Database } from "./database.ts";
import { LISTING_LIMIT_MAX, Store } from "./index.ts";

const COUNT = Number(process.env["ZEROVM_LISTED_OBJECTS"] ?? 20_000);
const GROUP = 5000;
const GROWTH_BYTES_MAX = 64 * 2 ** 20;

const CONTAINER = { account: "AUTH_test", container: "c" };

let data: string;
let cloud: CloudProcess;

const nameOf = (index: number): string => `folder ${index % 7}/${String(index).padStart(9, "0")}`;

/** Records without files: a listing looks at no file. */
async function fill(): Promise<void> {
  const store = await Store.open({ folder: data });
  await store.accounts.create(CONTAINER.account);
  await store.containers.create(CONTAINER);
  await store.close();
  const database = Database.open(data);
  const catalog = new Catalog(database);
  for (let from = 0; from < COUNT; from += GROUP) {
    await database.change(() => {
      for (let index = from; index < Math.min(COUNT, from + GROUP); index += 1) {
        const content = index.toString(16).padStart(32, "0");
        const record = { content, sizeBytes: 1, etag: content, sha256: content.repeat(2) };
        const place = catalog.place({ ...CONTAINER, object: nameOf(index) });
        catalog.putObject(place, { ...record, contentType: "a/b", modifiedAt: 1, metadata: {} });
      }
    });
  }
  await database.close();
}

beforeAll(async () => {
  data = await mkdtemp(join(tmpdir(), "zerovm-listing-"));
  await fill();
  cloud = await CloudProcess.start({ data });
}, 1_800_000);

afterAll(async () => {
  await cloud?.kill();
  await rm(data, { recursive: true, force: true });
});

/** Memory of the server: all of it, and without the pages of files that the host may take back. */
async function residentBytes(): Promise<{ readonly all: number; readonly own: number }> {
  const status = await readFile(`/proc/${cloud.pid}/status`, "utf8");
  const of = (name: string) => Number(new RegExp(`^${name}:\\s*(\\d+) kB`, "m").exec(status)?.[1]);
  return { all: of("VmRSS") * 1024, own: of("RssAnon") * 1024 };
}

/** @returns how many names the listing has, and whether they are in order */
async function list(query: string, reverse: boolean) {
  let count = 0;
  let marker = "";
  let isOrdered = true;
  for (;;) {
    const path = `/c?${query}&marker=${encodeURIComponent(marker)}`;
    const { body } = await cloud.send("GET", path);
    const names = body.split("\n").slice(0, -1);
    for (const name of names) {
      isOrdered &&= marker === "" || (reverse ? name < marker : name > marker);
      marker = name;
    }
    count += names.length;
    if (names.length < LISTING_LIMIT_MAX) return { count, isOrdered };
  }
}

it(`lists ${COUNT} objects by pages in constant memory`, async () => {
  // What the first requests of a process take is not the listing's.
  for (let index = 0; index < 10; index += 1) await cloud.send("GET", "/c?format=json");
  const before = await residentBytes();
  expect(await list("", false)).toEqual({ count: COUNT, isOrdered: true });
  expect(await list("reverse=true", true)).toEqual({ count: COUNT, isOrdered: true });
  expect((await cloud.send("GET", "/c?delimiter=/")).body.split("\n")).toHaveLength(8);
  const after = await residentBytes();
  const { headers } = await cloud.send("HEAD", "/c");
  expect(headers["x-container-object-count"]).toBe(String(COUNT));
  const shown = [before.own, after.own, before.all, after.all].map((bytes) => bytes >> 20);
  const [own, ownAfter, all, allAfter] = shown;
  process.stdout.write(
    `${COUNT} objects listed; server ${own} to ${ownAfter} MiB, ` +
      `with pages of files ${all} to ${allAfter} MiB\n`,
  );
  expect(after.own - before.own).toBeLessThan(GROWTH_BYTES_MAX);
}, 1_800_000);
