import { randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { CloudUser } from "../../support/cloud-process.ts";
import { makeTree, temporaryFolders } from "../../support/temporary-folder.ts";
import { type Ended, runTool } from "../run-tool.ts";
import { type Cloud, openCloud } from "./cloud.ts";

const newFolder = temporaryFolders();

let cloud: Cloud;
beforeAll(async () => {
  cloud = await openCloud();
});
afterAll(async () => {
  await cloud?.close();
});

/** Each test has a container of its own, since a store outlives it. */
const newContainer = (): string => `c-${randomBytes(6).toString("hex")}`;

/** The command line of python-swiftclient, as the first user of the cloud. */
function swift(...args: readonly string[]): Promise<Ended> {
  return swiftAs(cloud.users.first, ...args);
}

function swiftAs(user: CloudUser, ...args: readonly string[]): Promise<Ended> {
  const env = { ST_AUTH: cloud.authUrl, ST_USER: user.name, ST_KEY: user.key };
  return runTool("swift", args, { env });
}

/** Prints what `swift` prints; a failure is in the message. */
async function ok(ended: Promise<Ended>): Promise<string> {
  const { status, stdout, stderr } = await ended;
  expect({ status, stderr: status === 0 ? "" : stderr }).toEqual({ status: 0, stderr: "" });
  return stdout;
}

function fileOf(bytes: Uint8Array | string, name = "file"): string {
  const path = join(newFolder(), name);
  writeFileSync(path, bytes);
  return path;
}

describe("sign in", () => {
  it("gives a token and the address of the account", async () => {
    const said = await ok(swift("auth"));
    expect(said).toMatch(/export OS_STORAGE_URL=http:\/\/127\.0\.0\.1:\d+\/v1\/AUTH_test/);
    expect(said).toMatch(/export OS_AUTH_TOKEN=\S+/);
  });

  it("refuses a wrong key", async () => {
    const wrong = { name: cloud.users.first.name, key: "wrong" };
    const { status, stderr } = await swiftAs(wrong, "stat");
    expect(status).not.toBe(0);
    expect(stderr).toMatch(/unauthorized|Auth GET failed/i);
  });

  it("tells what the cloud can do", async () => {
    const said = await ok(swift("capabilities", "--json"));
    expect(JSON.parse(said)).toMatchObject({ swift: {}, slo: {} });
  });
});

describe("accounts and containers", () => {
  it("are counted, and listed by prefix", async () => {
    const container = newContainer();
    await ok(swift("post", container));
    await ok(swift("upload", container, fileOf("four"), "--object-name", "a"));
    expect(await ok(swift("list", "--prefix", container))).toBe(`${container}\n`);
    const stat = await ok(swift("stat", container));
    expect(stat).toMatch(/Objects: 1\b/);
    expect(stat).toMatch(/Bytes: 4\b/);
    expect(await ok(swift("stat"))).toMatch(/Account: AUTH_test/);
  });

  it("keep and lose metadata", async () => {
    const container = newContainer();
    await ok(swift("post", container, "-m", "Color:blue"));
    expect(await ok(swift("stat", container))).toMatch(/Meta Color: blue/);
    await ok(swift("post", container, "-m", "Color:"));
    expect(await ok(swift("stat", container))).not.toMatch(/Meta Color/);
    await ok(swift("post", "-m", "Owner:me"));
    expect(await ok(swift("stat"))).toMatch(/Meta Owner: me/);
    await ok(swift("post", "-m", "Owner:"));
  });

  it("are gone when they are deleted with all that they hold", async () => {
    const container = newContainer();
    const path = fileOf("x");
    await ok(swift("upload", container, path, "--object-name", "one"));
    await ok(swift("upload", container, path, "--object-name", "two"));
    await ok(swift("delete", container));
    expect((await swift("stat", container)).status).not.toBe(0);
  });
});

describe("objects", () => {
  it("come back as they were uploaded, name and type included", async () => {
    const container = newContainer();
    const bytes = randomBytes(300_000);
    const name = "Grüße/ein name & mehr%20.txt";
    await ok(swift("upload", container, fileOf(bytes), "--object-name", name));
    const target = join(newFolder(), "back");
    await ok(swift("download", container, name, "-o", target));
    expect(readFileSync(target).equals(bytes)).toBe(true);
    const stat = await ok(swift("stat", container, name));
    expect(stat).toMatch(/Content Length: 300000\b/);
    expect(stat).toMatch(/Content Type: text\/plain/);
  });

  it("are uploaded as a folder and downloaded as one", async () => {
    const container = newContainer();
    const folder = newFolder();
    makeTree(folder, { "in/a.txt": "a", "in/b/c.txt": "c", "in/b/d.txt": "d" });
    await ok(swift("upload", container, join(folder, "in"), "--object-name", "in"));
    expect((await ok(swift("list", container))).split("\n")).toEqual(
      expect.arrayContaining(["in/a.txt", "in/b/c.txt", "in/b/d.txt"]),
    );
    const target = join(newFolder(), "out");
    mkdirSync(target);
    await ok(swift("download", container, "--prefix", "in/", "-D", target));
    expect(readFileSync(join(target, "in/b/d.txt"), "utf8")).toBe("d");
  });

  it("are listed by prefix, delimiter and at length", async () => {
    const container = newContainer();
    const path = fileOf("12345");
    for (const name of ["a/1", "a/2", "b/1", "c"]) {
      await ok(swift("upload", container, path, "--object-name", name));
    }
    expect(await ok(swift("list", container, "-p", "a/"))).toBe("a/1\na/2\n");
    expect(await ok(swift("list", container, "-d", "/"))).toBe("a/\nb/\nc\n");
    expect(await ok(swift("list", container, "-l"))).toMatch(/\s+20\s*$/);
    expect(JSON.parse(await ok(swift("list", container, "--json")))).toHaveLength(4);
  });

  it("are read by ranges", async () => {
    const container = newContainer();
    await ok(swift("upload", container, fileOf("0123456789"), "--object-name", "digits"));
    const range = (text: string) =>
      ok(swift("download", container, "digits", "-o", "-", "-H", `Range: bytes=${text}`));
    expect(await range("2-4")).toBe("234");
    expect(await range("-3")).toBe("789");
    expect(await range("7-")).toBe("789");
  });

  it("are not sent again when they are the same", async () => {
    const container = newContainer();
    const path = fileOf("the same");
    await ok(swift("upload", container, path, "--object-name", "o"));
    const stamp = async () =>
      /X-Timestamp: (\S+)/.exec(await ok(swift("stat", container, "o")))?.[1];
    const before = await stamp();
    await ok(swift("upload", "--skip-identical", container, path, "--object-name", "o"));
    expect(await stamp()).toBe(before);
  });

  it("are copied, and their metadata with them", async () => {
    const container = newContainer();
    const path = fileOf("copied");
    await ok(
      swift("upload", container, path, "--object-name", "from", "-H", "X-Object-Meta-Shade:red"),
    );
    await ok(swift("copy", container, "from", "-d", `/${container}/to`));
    expect(await ok(swift("download", container, "to", "-o", "-"))).toBe("copied");
    expect(await ok(swift("stat", container, "to"))).toMatch(/Meta Shade: red/);
    await ok(swift("copy", container, "from", "-d", `/${container}/fresh`, "-M", "-m", "A:b"));
    const fresh = await ok(swift("stat", container, "fresh"));
    expect(fresh).toMatch(/Meta A: b/);
    expect(fresh).not.toMatch(/Meta Shade/);
  });

  it("take new metadata and an end", async () => {
    const container = newContainer();
    await ok(swift("upload", container, fileOf("x"), "--object-name", "o"));
    await ok(swift("post", container, "o", "-m", "Step:2", "-H", "X-Delete-After: 3600"));
    const stat = await ok(swift("stat", container, "o"));
    expect(stat).toMatch(/Meta Step: 2/);
    expect(stat).toMatch(/X-Delete-At: \d+/);
  });

  it("are deleted, one or by prefix", async () => {
    const container = newContainer();
    const path = fileOf("x");
    for (const name of ["p/1", "p/2", "q"]) {
      await ok(swift("upload", container, path, "--object-name", name));
    }
    await ok(swift("delete", container, "q"));
    expect(await ok(swift("list", container))).toBe("p/1\np/2\n");
    await ok(swift("delete", container, "--prefix", "p/"));
    expect(await ok(swift("list", container))).toBe("");
  });
});

describe("large objects", () => {
  const upload = (container: string, path: string, ...more: string[]) =>
    ok(swift("upload", ...more, "-S", "100000", container, path, "--object-name", "large"));

  it.each([["static", "--use-slo"], ["dynamic"]])(
    "%s: come back whole and by ranges",
    async (_, ...more) => {
      const container = newContainer();
      const bytes = randomBytes(350_000);
      await upload(container, fileOf(bytes), ...more);
      const target = join(newFolder(), "back");
      await ok(swift("download", container, "large", "-o", target));
      expect(readFileSync(target).equals(bytes)).toBe(true);
      const part = join(newFolder(), "part");
      const range = "Range: bytes=99990-200009";
      await ok(swift("download", container, "large", "-o", part, "-H", range));
      expect(readFileSync(part).equals(bytes.subarray(99_990, 200_010))).toBe(true);
      expect(await ok(swift("stat", container, "large"))).toMatch(/Content Length: 350000\b/);
      expect((await ok(swift("list", `${container}_segments`))).trim().split("\n")).toHaveLength(4);
    },
  );

  it("take their segments with them when they are deleted", async () => {
    const container = newContainer();
    await upload(container, fileOf(randomBytes(250_000)), "--use-slo");
    await ok(swift("delete", container, "large"));
    expect(await ok(swift("list", `${container}_segments`))).toBe("");
  });
});

describe("access", () => {
  it("is given to others by the lists of a container", async () => {
    const container = newContainer();
    const { second } = cloud.users;
    await ok(swift("upload", container, fileOf("secret"), "--object-name", "o"));
    const read = () =>
      swiftAs(
        second,
        "--os-storage-url",
        `${cloud.storageUrl}`,
        "download",
        container,
        "o",
        "-o",
        "-",
      );
    expect((await read()).status).not.toBe(0);
    await ok(swift("post", container, "-r", second.name));
    expect(await ok(read())).toBe("secret");
    const write = await swiftAs(
      second,
      "--os-storage-url",
      cloud.storageUrl,
      "upload",
      "--skip-container-put",
      container,
      fileOf("mine"),
      "--object-name",
      "o",
    );
    expect(write.status).not.toBe(0);
  });

  it("is given to everybody by .r:*", async () => {
    const container = newContainer();
    await ok(swift("upload", container, fileOf("public"), "--object-name", "o"));
    const url = `${cloud.storageUrl}/${container}/o`;
    const status = async () =>
      (await runTool("curl", ["-s", "-o", "/dev/null", "-w", "%{http_code}", url], {})).stdout;
    expect(await status()).toBe("401");
    await ok(swift("post", container, "-r", ".r:*"));
    expect(await status()).toBe("200");
  });
});

it("the library uploads in chunks and reads page by page", async () => {
  const container = newContainer();
  const { name, key } = cloud.users.first;
  const script = `
import swiftclient
auth, user, key = ${JSON.stringify([cloud.authUrl, name, key])}
c = swiftclient.client.Connection(auth, user, key)
c.put_container("${container}")
def chunks():
    for i in range(50):
        yield b"x" * 10000
c.put_object("${container}", "chunked", chunks())
for i in range(25):
    c.put_object("${container}", "n%02d" % i, b"1", etag="c4ca4238a0b923820dcc509a6f75849b")
h, first = c.get_container("${container}", limit=10)
h, rest = c.get_container("${container}", marker=first[-1]["name"], full_listing=True)
print(len(first), len(rest), c.head_object("${container}", "chunked")["content-length"])
try:
    c.put_object("${container}", "bad", b"2", etag="c4ca4238a0b923820dcc509a6f75849b")
except swiftclient.ClientException as e:
    print(e.http_status)
h, body = c.get_object("${container}", "chunked", resp_chunk_size=65536)
print(sum(len(b) for b in body))
try:
    c.get_object("${container}", "n01", headers={"If-None-Match": "c4ca4238a0b923820dcc509a6f75849b"})
except swiftclient.ClientException as e:
    print(e.http_status)
`;
  expect(await ok(runTool("python3", ["-"], { input: script }))).toBe(
    "10 16 500000\n422\n500000\n304\n",
  );
});
