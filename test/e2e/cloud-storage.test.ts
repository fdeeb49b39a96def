import { spawnSync } from "node:child_process";
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { ZEROVM } from "../support/command-line.ts";
import { FaultyFront } from "../support/faulty-front.ts";
import { ServedCloud } from "../support/served-cloud.ts";
import { Shell } from "../support/shell.ts";
import { makeTree, readTree, temporaryFolders } from "../support/temporary-folder.ts";

const newFolder = temporaryFolders();
let cloud: ServedCloud;
let front: FaultyFront;
let shell: Shell;

beforeAll(async () => {
  cloud = await ServedCloud.start();
});
afterAll(async () => {
  await cloud.stop();
});

beforeEach(async () => {
  front = new FaultyFront(cloud, cloud.freshUser());
  await front.listen();
  const folder = newFolder();
  shell = new Shell(folder, { ...front.environment, XDG_CONFIG_HOME: join(folder, "config") });
});
afterEach(async () => {
  await front.close();
});

async function run(line: string, input: string | Uint8Array = "") {
  const { status, stdout, stderr } = await shell.run(line, input);
  const text = (latin1: string): string => Buffer.from(latin1, "latin1").toString();
  return { status, stdout: text(stdout), stderr: text(stderr) };
}

/** Runs a line that has to work, and gives what it printed. */
async function printed(line: string, input: string | Uint8Array = ""): Promise<string> {
  const { status, stdout, stderr } = await run(line, input);
  expect([status, stderr]).toEqual([0, ""]);
  return stdout;
}

const SIGNED_OUT = "unset ST_AUTH ST_USER ST_KEY; ";

describe("zerovm login", () => {
  test("keeps a token for its owner alone, and other commands use it", async () => {
    const { ST_AUTH, ST_USER, ST_KEY } = front.environment;
    const url = `${front.origin}/v1/${front.account}`;
    const login = `zerovm login -A ${ST_AUTH} -U ${ST_USER} -K -`;
    const out = await printed(`${SIGNED_OUT}${login}`, `${ST_KEY}\n`);
    expect(out).toBe(`${ST_USER} is signed in: ${url}\n`);
    const file = join(shell.folder, "../config/zerovm/login.json");
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readFileSync(file, "utf8")).not.toContain(ST_KEY);
    await printed(`${SIGNED_OUT}echo 1 | zerovm put - logs/a`);
    expect(await printed(`${SIGNED_OUT}zerovm ls`)).toBe("logs\n");
    const again = await run("zerovm login --json");
    expect(JSON.parse(again.stdout)).toEqual({ user: ST_USER, storageUrl: url, file });
    expect(again.stderr).toContain("are set, and go before this login");
    const expired = `sed -i 's/AUTH_tk[0-9a-f]*/AUTH_tknone/' ${file}; ${SIGNED_OUT}zerovm ls`;
    const { status, stderr } = await run(expired);
    expect(status).toBe(125);
    expect(stderr).toContain(
      "the token may have run out, or have ended with the server, which forgets all at a restart: " +
        "sign in again with zerovm login",
    );
  });
});

describe("zerovm login on a terminal", () => {
  const hasScript = spawnSync("script", ["--version"]).status === 0;

  test("asks for the key, and does not show it", async ({ skip }) => {
    if (!hasScript) skip("there is no script(1) to make a terminal with");
    const { ST_KEY = "", ST_USER } = front.environment;
    const { child, end } = shell.start("script", [
      "-qec",
      `unset ST_KEY; "${process.execPath}" "${ZEROVM}" login`,
      "/dev/null",
    ]);
    let seen = "";
    child.stdout?.on("data", (bytes: Buffer) => {
      seen += bytes.toString();
    });
    await expect.poll(() => seen).toContain(`Key of ${ST_USER}: `);
    child.stdin?.write(`wrong\x15x${ST_KEY.slice(1)}\x15${ST_KEY}y\x7f\r`);
    const { status } = await end;
    expect([status, seen]).toEqual([0, expect.stringContaining("is signed in")]);
    expect(seen).not.toContain(ST_KEY.slice(1));
  });
});

describe("zerovm put, ls, get, cat and rm", () => {
  const ODD = 'a b/ü%41/100% "q" #1?&+.txt';

  test("folders go to objects and back, with names of all kinds", async () => {
    makeTree(shell.folder, { "site/a.html": "<a>", [`site/${ODD}`]: "odd", "site/c": "" });
    expect(await printed("zerovm put site 'web é/v 1%/'")).toBe(
      `web é/v 1%/a b/ü%41/100% "q" #1?&+.txt: 3 bytes\n` +
        "web é/v 1%/a.html: 3 bytes\nweb é/v 1%/c: 0 bytes\n",
    );
    expect(await printed("zerovm ls 'web é/v 1%/a'")).toBe(`v 1%/${ODD}\nv 1%/a.html\n`);
    expect(await printed("zerovm ls -d 'web é/v 1%/'")).toBe("v 1%/a b/\nv 1%/a.html\nv 1%/c\n");
    expect(await printed("zerovm ls -l 'web é/v 1%/a.'")).toMatch(
      /^ {5}3 {2}\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d {2}v 1%\/a\.html {2}\S+\n$/,
    );
    const listed = JSON.parse(await printed("zerovm ls --json 'web é'")) as { name: string }[];
    expect(listed.map(({ name }) => name)).toEqual([`v 1%/${ODD}`, "v 1%/a.html", "v 1%/c"]);
    await printed("zerovm get -r -o copy 'web é'");
    expect(readTree(join(shell.folder, "copy/v 1%"))).toEqual(readTree(join(shell.folder, "site")));
    const url = `swift://${front.account}/web é/v 1%/a.html`;
    expect(await printed(`zerovm cat 'web é/v 1%/${ODD}' '${url}'`)).toBe("odd<a>");
    expect(await printed("zerovm rm 'web é/v 1%/c'")).toBe("removed web é/v 1%/c\n");
    expect(await printed("zerovm rm -r 'web é/v 1%'")).toBe(
      `removed web é/v 1%/${ODD}\nremoved web é/v 1%/a.html\n`,
    );
    const removed = JSON.parse(await printed("zerovm rm --json 'web é'")) as unknown;
    expect(removed).toEqual({ removed: ["web é"] });
    expect(await printed("zerovm ls --json")).toBe("[]\n");
  });

  test("large files are stored in segments, and removed with them", async () => {
    const line = "head -c 2500000 /dev/urandom > big; zerovm put --segment 1M --json big 'c ü/b%1'";
    expect(JSON.parse(await printed(line))).toMatchObject([{ sizeBytes: 2_500_000, segments: 3 }]);
    expect((await printed("zerovm ls 'c ü_segments'")).split("\n")).toHaveLength(4);
    expect(await printed("zerovm get -o back 'c ü/b%1'; cmp big back")).toBe(
      "back: 2500000 bytes\n",
    );
    await printed("zerovm cat 'c ü/b%1' | cmp - big");
    await printed("zerovm rm 'c ü/b%1'");
    expect(await printed("zerovm ls 'c ü_segments'")).toBe("");
  });

  test.each(["SIGKILL", "SIGINT"] as const)(
    "a put that ends by %s half-way keeps its segments, and the same command sends the others",
    async (signal) => {
      const isSegment = ({ method, url }: { readonly method: string; readonly url: string }) =>
        method === "PUT" && url.includes("/slo/");
      const numbers = () => front.arrived.filter(isSegment).map(({ url }) => Number(url.slice(-8)));
      await printed("head -c 1000000 /dev/urandom > big");
      front.intercept = (request) => isSegment(request) && Number(request.url.slice(-8)) >= 4;
      const put = ["put", "--segment", "100000", "--parallel", "3", "big", "c"];
      const { child, end } = shell.zerovm(...put);
      await expect.poll(() => numbers().filter((number) => number >= 4).length).toBe(3);
      child.kill(signal);
      const { status, stderr } = await end;
      expect(status).toBe(signal === "SIGINT" ? 130 : signal);
      if (signal === "SIGINT") {
        expect(stderr).toBe(
          "zerovm: c/big is not stored yet, its segments are: the same command sends the missing " +
            "ones\nzerovm: interrupted; objects that were not named are not stored\n",
        );
      }
      expect((await run("zerovm ls c")).stdout).toBe("");
      front.arrived.length = 0;
      front.intercept = () => false;
      expect(await printed(`zerovm ${put.join(" ")}`)).toBe("c/big: 1000000 bytes\n");
      expect(numbers().toSorted()).toEqual([4, 5, 6, 7, 8, 9]);
      await printed("zerovm cat c/big | cmp - big");
    },
  );

  test("Ctrl-C keeps what has arrived, and the same command goes on with it", async () => {
    await printed("head -c 3000000 /dev/urandom > big; zerovm put big c");
    front.intercept = ({ method, url }) => {
      return (
        method === "GET" && url.endsWith("/big") && { afterBytes: 1_000_000, ending: "stalls" }
      );
    };
    const { child, end } = shell.zerovm("get", "-o", "back", "c/big");
    const part = join(shell.folder, "back.part");
    const arrived = () => statSync(part, { throwIfNoEntry: false })?.size;
    await expect.poll(arrived).toBe(1_000_000);
    child.kill("SIGINT");
    const { status, stderr } = await end;
    expect(status).toBe(130);
    expect(stderr).toContain("interrupted; what has arrived is in FILE.part");
    expect(arrived()).toBe(1_000_000);
    front.intercept = () => false;
    await printed("zerovm get -o back c/big; cmp big back");
    expect(front.arrived.map(({ headers }) => headers["range"])).toContain("bytes=1000000-");
    expect(shell.has("back.part")).toBe(false);
  });

  test("Ctrl-C ends an upload, and stores nothing of it", async () => {
    await printed("echo 1 | zerovm put - c/before");
    front.arrived.length = 0;
    const { child, end } = shell.zerovm("put", "-", "c/after");
    child.stdin?.write("some");
    // The container is made before the object is sent, of which the rest never comes.
    await expect.poll(() => front.lines.some((line) => line.endsWith("/c"))).toBe(true);
    child.kill("SIGINT");
    const { status, stderr } = await end;
    expect(status).toBe(130);
    expect(stderr).toContain("interrupted; objects that were not named are not stored");
    expect(await printed("zerovm ls c")).toBe("before\n");
  });
});
