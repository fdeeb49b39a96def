import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { archive } from "../../../test/support/archive.ts";
import {
  type FreshStore,
  freshStore,
  inContainer,
  upload,
} from "../../../test/support/fresh-store.ts";
import { openContents } from "../../../test/support/http-client.ts";
import type { Identity } from "../access/index.ts";
import { EmbeddedJobStore } from "../embedded/index.ts";
import type { JobStore } from "../storage/index.ts";
import { type AppRequest, openApp } from "./open-app.ts";

const OWNER = { names: ["a", "a:me"], owns: "a" };
const OTHER = { names: ["b", "b:you"], owns: "b" };
const TAR = "application/x-tar";
const GZIP = "application/x-gzip";

let fresh: FreshStore;

beforeEach(async () => {
  fresh = await freshStore();
});

afterEach(async () => {
  expect(openContents(fresh.folder)).toEqual([]);
  await fresh.dispose();
});

async function put(object: string, contentType: string, bytes: string | Uint8Array) {
  return await fresh.store.objects.put(inContainer(object), {
    contentType,
    source: upload(bytes, 5000),
  });
}

type Asked = Partial<AppRequest> & { readonly sender?: Identity };

/** What opening came to: the text of the job, or what was said. */
async function opened(object: string, asked: Asked = {}): Promise<string> {
  const { sender = OWNER, ...rest } = asked;
  const request: AppRequest = { account: "a", through: "open", ...rest };
  const store = new EmbeddedJobStore(fresh.store, async () => sender);
  const limits = { jobBytes: 1000, imageBytes: 100_000 };
  const app = await openApp(store, inContainer(object), request, limits);
  if (app.kind === "refusal") return `${app.status} ${app.text}`;
  if (app.kind === "no-app") return "none";
  await app.document.image?.close();
  return Buffer.from(app.document.jobText).toString();
}

const app = (job: string) => archive([["boot/system.map", job]]);

describe("an app", () => {
  test("is an archive, packed or not; through a container also a job", async () => {
    await put("tar", TAR, app("[1]"));
    await put("packed", GZIP, gzipSync(app("[2]")));
    await put("job", "application/json", "[3]");
    expect(await opened("tar")).toBe("[1]");
    expect(await opened("packed")).toBe("[2]");
    expect(await opened("job")).toBe("none");
    expect(await opened("job", { through: "api" })).toBe("[3]");
  });

  test("may be put together from segments", async () => {
    const bytes = app("[4]");
    await put("s1", TAR, bytes.subarray(0, 600));
    await put("s2", TAR, bytes.subarray(600));
    const segments = [{ path: "/c/s1" }, { path: "/c/s2" }];
    await fresh.store.large.put(inContainer("big"), { segments, contentType: TAR });
    expect(await opened("big")).toBe("[4]");
  });

  test.each([
    ["empty", TAR, "", "none"],
    ["no archive", TAR, "x".repeat(2000), "none"],
    ["an archive without a job", TAR, archive([["a", "b"]]), "none"],
    ["a text", "text/plain", app("[1]"), "none"],
  ])("is not %s", async (_, type, bytes, said) => {
    await put("o", type, bytes);
    expect(await opened("o")).toBe(said);
  });

  test("is read only where its type lets it be one", async () => {
    await put("text", "text/plain", "x");
    const store = new EmbeddedJobStore(fresh.store, async () => OWNER);
    const unread: Pick<JobStore, "openApp"> = {
      openApp: async (...asked) => {
        const { app, stat, close } = await store.openApp(...asked);
        const read = async () => await Promise.reject(new Error("It is read"));
        return { app, stat, close, read };
      },
    };
    const limits = { jobBytes: 1000, imageBytes: 1000 };
    const request: AppRequest = { account: "a", through: "open" };
    const text = await openApp(unread, inContainer("text"), request, limits);
    expect(text).toEqual({ kind: "no-app" });
    await put("large", TAR, app("x".repeat(1000)));
    const large = await openApp(unread, inContainer("large"), request, limits);
    expect(large).toMatchObject({ kind: "refusal", status: 413 });
  });

  test("that is damaged or too large is told of", async () => {
    await put("damaged", GZIP, "no gzip");
    expect(await opened("damaged")).toMatch(/^422 Error reading application\/x-gzip stream: /);
    await put(
      "large",
      TAR,
      archive([
        ["boot/system.map", "[1]"],
        ["a", 100_000],
      ]),
    );
    expect(await opened("large")).toBe("413 Data object too large");
    await put("job", "application/json", "1".repeat(1001));
    expect(await opened("job", { through: "api" })).toBe("413 The job has more than 1000 bytes");
  });
});

describe("somebody else", () => {
  const container = { account: "a", container: "c" };
  const asked = { sender: OTHER, through: "api" } as const;
  const denied = { code: "ZVM_STORE_DENIED" };

  test("reads an app by the grant of its container through `api`, not through `open`", async () => {
    await put("o", TAR, app("[1]"));
    await expect(opened("o", asked)).rejects.toMatchObject(denied);
    await fresh.store.containers.update(container, {
      "x-container-meta-rest-endpoint": "swift://a/c/o",
      "x-container-meta-zerovm-suid": "b:you",
    });
    expect(await opened("o", asked)).toBe("[1]");
    await expect(opened("o", { ...asked, through: "open" })).rejects.toMatchObject(denied);
    await expect(opened("o", { ...asked, account: "b" })).rejects.toMatchObject(denied);
    await fresh.store.containers.update(container, { "x-container-read": "b" });
    expect(await opened("o", { ...asked, through: "open" })).toBe("[1]");
  });

  test("does not learn which apps there are", async () => {
    await expect(opened("missing", asked)).rejects.toMatchObject(denied);
    await expect(opened("missing")).rejects.toMatchObject({ code: "ZVM_STORE_NOT_FOUND" });
  });
});
