import { describe, expect, test } from "vitest";
import { joined } from "../../test/support/crafted-tar.ts";
import {
  BUFFER,
  type GuestOptions,
  OFLAGS,
  RESULT,
  RIGHTS,
  sha256,
  TestGuest,
} from "../../test/support/guest-harness.ts";
import {
  type TestChannel,
  type TestChannelOptions,
  testChannels,
} from "../../test/support/test-channels.ts";
import { byteStringOf, bytesOf, memorySource, STANDARD_LIMITS } from "../base/index.ts";
import { indexTar, TarWriter, tabulateTar } from "../tar/index.ts";
import {
  createZrt,
  ExportFailure,
  type Image,
  seededEntropy,
  Trace,
  virtualClock,
  type Zrt,
  type ZrtOptions,
} from "./index.ts";

/** An archive of files: their paths and contents. A path with a slash at its end is a directory. */
function image(
  mountpoint: string,
  files: Readonly<Record<string, string>>,
  more: Partial<Image> = {},
): Image {
  const pieces: Uint8Array[] = [];
  const writer = new TarWriter({ write: (piece) => void pieces.push(piece.slice()) });
  for (const [path, text] of Object.entries(files)) {
    const rest = { mode: 0o644, uid: 0, gid: 0, mtimeSeconds: 5 };
    if (path.endsWith("/")) writer.add({ path: path.slice(0, -1), kind: "directory", ...rest });
    else writer.add({ path, kind: "file", contents: memorySource(bytesOf(text)), ...rest });
  }
  writer.finish();
  const source = memorySource(joined(pieces));
  const options = { name: "test", membersMax: 1000, links: "kept" } as const;
  const members = tabulateTar(source, options);
  const rest = { readonly: false, meta: "classic", isFolder: false } as const;
  return { source, members, mountpoint, ...rest, ...more };
}

interface Session {
  readonly zrt: Zrt;
  readonly channels: readonly TestChannel[];
}

function session(options: Partial<ZrtOptions>, more: readonly TestChannelOptions[] = []): Session {
  const channels = testChannels(more);
  const zrt = createZrt({
    channels: channels.map(({ channel }) => channel),
    args: [],
    env: [],
    mapping: new Map(),
    images: [],
    exports: [],
    preopens: [],
    clock: virtualClock(0),
    entropy: seededEntropy(0n),
    limits: STANDARD_LIMITS,
    trace: new Trace(sha256()),
    ...options,
  });
  return { zrt, channels };
}

/** Mode and type of a path in octal, or the name of the errno. */
function modeOf(guest: TestGuest, path: string): string {
  const answer = guest.unchecked("zrt.path_stat_ex", [3, 1, ...guest.place(path), RESULT]);
  return answer === "SUCCESS" ? guest.u32(RESULT + 16).toString(8) : answer;
}

function cwdOf(guest: TestGuest): string {
  const answer = guest.unchecked("zrt.getcwd", [BUFFER, 4096, RESULT]);
  return answer === "SUCCESS" ? guest.text(BUFFER, guest.u32(RESULT)) : answer;
}

function readAll(guest: TestGuest, path: string): string {
  const fd = guest.open(path);
  return typeof fd === "number" ? guest.read(fd, 4096) : fd;
}

function list(guest: TestGuest, path: string): string[] {
  const fd = guest.opened(path, { oflags: OFLAGS.DIRECTORY });
  expect(guest.unchecked("fd_readdir", [fd, BUFFER, 4096, 0n, RESULT])).toBe("SUCCESS");
  const end = BUFFER + guest.u32(RESULT);
  const names: string[] = [];
  for (let at = BUFFER; at < end; ) {
    const size = guest.u32(at + 16);
    names.push(guest.text(at + 24, size));
    at += 24 + size;
  }
  return names;
}

describe("the start", () => {
  test("descriptors 0 to 2 are the standard streams, 3 is the root", () => {
    const guest = new TestGuest({ stdin: "typed" });
    expect(guest.read(0, 9)).toBe("typed");
    expect([guest.write(1, "out"), guest.write(2, "err")]).toEqual([3, 3]);
    expect([guest.contents("/dev/stdout"), guest.contents("/dev/stderr")]).toEqual(["out", "err"]);
    expect([guest.write(0, "x"), guest.read(1, 1)]).toEqual(["INVAL", "<INVAL>"]);
    expect(guest.opened("/")).toBe(4);
  });

  test("a stream that is missing leaves its number free, not to another stream", () => {
    const { zrt } = session({
      channels: testChannels()
        .slice(1)
        .map(({ channel }) => channel),
    });
    const memory = new WebAssembly.Memory({ initial: 1 });
    const { wasi_snapshot_preview1: wasi } = zrt.wasiImports(() => memory);
    const close = wasi?.["fd_close"] as (fd: number) => number;
    expect([0, 1, 2, 3, 4].map((fd) => close(fd) === 0)).toEqual([false, true, true, true, false]);
  });

  test("the root has /dev and /tmp", () => {
    const guest = new TestGuest();
    expect(list(guest, "/")).toEqual(["dev", "tmp"]);
    expect([modeOf(guest, "/"), modeOf(guest, "/tmp")]).toEqual(["40000", "40777"]);
    const emulated = ["null", "full", "zero", "random", "urandom"];
    expect(list(guest, "/dev")).toEqual([".", "..", "stdin", "stdout", "stderr", ...emulated]);
  });

  test("the original's list of /dev, complete: 20 entries, 4 in /dev/mount", () => {
    const names = "debug trace alloc_report nvram readonly writeonly read-write mount1 mount2";
    const aliases = [...names.split(" "), "mount/import.tar", "mount/gcov.gcda.tar"];
    const guest = new TestGuest({
      channels: aliases.map((alias) => ({ alias: `/dev/${alias}` })),
    });
    expect(list(guest, "/dev").length).toBe(2 + 1 + 3 + 9 + 5);
    expect(list(guest, "/dev/mount")).toEqual([".", "..", "import.tar", "gcov.gcda.tar"]);
  });
});

describe("HOME", () => {
  const home = (value: string, more: GuestOptions = {}): TestGuest =>
    new TestGuest({
      ...more,
      env: [
        ["HOME", value],
        ["HOME", "/second"],
      ],
    });

  test.each([
    ["/house/zvm", "/house/zvm"],
    ["house/u", "/house/u"],
    ["/house/../other/./x/", "/other/x"],
    ["", "/"],
    ["/", "/"],
    ["/tmp", "/tmp"],
    ["/dev", "/dev"],
    ["/dev/new", "/"],
    ["/dev/stdin/mount", "/"],
    ["/file/x", "/"],
    [`/a/${"n".repeat(256)}`, "/"],
    ["/\xe7\x77\xf0", "/\xe7\x77\xf0"],
  ])("%s begins in %s", (value, cwd) => {
    const guest = home(value, { images: [image("/", { file: "text" })] });
    expect(cwdOf(guest)).toBe(cwd);
    expect(modeOf(guest, "/a")).toBe("NOENT");
  });

  test("is made with mode 0755, parents too; the first of two counts", () => {
    const guest = home("/house/zvm");
    expect(modeOf(guest, "/house")).toBe("40755");
    expect(modeOf(guest, "/house/zvm")).toBe("40755");
    expect(modeOf(guest, "/second")).toBe("NOENT");
  });

  test("is not made in a read-only root, but used where it is there", () => {
    const root = image("/", { "there/": "" }, { readonly: true });
    expect(cwdOf(home("/there", { images: [root] }))).toBe("/there");
    expect(cwdOf(home("/there/not", { images: [root] }))).toBe("/");
  });
});

describe("UID and GID", () => {
  test.each([
    [[], 1, 1],
    [
      [
        ["UID", "2"],
        ["GID", "300"],
      ],
      2,
      300,
    ],
    [
      [
        ["UID", "0"],
        ["GID", "-5"],
      ],
      1,
      1,
    ],
    [
      [
        ["UID", "x"],
        ["GID", "12a"],
      ],
      1,
      1,
    ],
    [
      [
        ["UID", "7"],
        ["UID", "8"],
      ],
      7,
      1,
    ],
    [[["UID", "99999999999"]], 1, 1],
  ] as [[string, string][], number, number][])("%j", (env, uid, gid) => {
    const guest = new TestGuest({ env });
    expect(guest.unchecked("zrt.getids", [RESULT])).toBe("SUCCESS");
    expect([guest.u32(RESULT), guest.u32(RESULT + 4)]).toEqual([uid, gid]);
  });
});

describe("images and preopens", () => {
  test("images are mounted in order; what cannot be mounted is a warning", () => {
    const guest = new TestGuest({
      images: [
        image("/", { "ok/a": "one", file: "text" }),
        image("/file/x", { a: "no" }),
        image("/", { "ok/a": "two", "ok/b": "b", "file/x": "no", z: "no" }),
        image("/again", { "dev/": "", "dev/console": "", f: "f" }),
        image("/", { "dev/console": "no", last: "l" }),
      ],
    });
    expect(readAll(guest, "/ok/a")).toBe("two");
    expect(readAll(guest, "/ok/b")).toBe("b");
    expect(readAll(guest, "/z")).toBe("NOENT");
    expect(readAll(guest, "/last")).toBe("l");
    expect(readAll(guest, "/again/dev/console")).toBe("");
    expect(guest.zrt.warnings).toEqual([
      "The image on /file/x was not mounted to its end, the mountpoint: ENOTDIR",
      "The image on / was not mounted to its end, member file/x: ENOTDIR",
      "The image on /: 1 members below /dev or outside were left out",
    ]);
  });

  test("conflicts as the original's test has them: a directory stays, its file stays", () => {
    const guest = new TestGuest({
      images: [
        image("/conflict/test.1234", { kept: "kept" }),
        image("/conflict", { "test.1234": "mount\n" }),
      ],
    });
    expect(readAll(guest, "/conflict/test.1234/kept")).toBe("kept");
    expect(guest.zrt.warnings.length).toBe(1);
  });

  test("the same image twice, on two places", () => {
    const twice = image("/", { "test.1234": "mount\n" });
    const guest = new TestGuest({ images: [twice, { ...twice, mountpoint: "/test" }] });
    expect([readAll(guest, "/test.1234"), readAll(guest, "/test/test.1234")]).toEqual([
      "mount\n",
      "mount\n",
    ]);
    expect(modeOf(guest, "/test.1234")).toBe("100700");
  });

  test("preopened directories follow the root, a missing one is a warning", () => {
    const guest = new TestGuest({
      images: [image("/data", { f: "data" }, { isFolder: true })],
      preopens: ["/data", "/missing", "/data/f", "/tmp"],
    });
    expect(readAll(guest, "data/f")).toBe("data");
    expect(guest.open("f", { dir: 4 })).toBe(7);
    expect(guest.open("../data/f", { dir: 4 })).toBe("PERM");
    expect(guest.open("x", { dir: 5, oflags: OFLAGS.CREAT, rights: RIGHTS.WRITE })).toBe(8);
    expect(guest.zrt.warnings).toEqual([
      "There is no directory /missing to be opened before the start",
      "There is no directory /data/f to be opened before the start",
    ]);
  });

  test("names in warnings cannot drive a terminal", () => {
    const { zrt } = session({ preopens: ["/a\x1b[31m\n"] });
    expect(zrt.warnings[0]).toContain("/a\\x1b[31m\\n");
  });
});

describe("limits", () => {
  test("hits are told in the order in which they were met", () => {
    const guest = new TestGuest({ limits: { "fs-bytes": 256, "open-files": 6, "fs-nodes": 3 } });
    expect(guest.zrt.hits()).toEqual([]);
    const rights = { oflags: OFLAGS.CREAT, rights: RIGHTS.WRITE };
    const fd = guest.opened("f", rights);
    expect(guest.write(fd, "x".repeat(256))).toBe(256);
    expect(guest.write(fd, "x")).toBe("NOSPC");
    guest.opened("g", rights);
    expect(guest.open("f")).toBe("NFILE");
    expect(guest.onPath("path_create_directory", "d")).toBe("NOSPC");
    expect(guest.zrt.hits()).toEqual(["fs-bytes", "open-files", "fs-nodes"]);
  });
});

describe("finish", () => {
  const out = { alias: "/dev/out", access: "w", type: 3 } as const;
  const files = { "results/a": "alpha", "results/sub/b": "beta" };

  test("writes the exports in order, and an empty archive with a warning for a missing one", () => {
    const { zrt, channels } = session(
      {
        images: [image("/", files)],
        exports: [
          { channel: 3, mountpoint: "/results" },
          { channel: 4, mountpoint: "/results/a/no" },
        ],
      },
      [out, { ...out, alias: "/dev/empty" }],
    );
    zrt.finish();
    const [archive, empty] = channels.slice(3).map(({ backend }) => backend.contents());
    const source = memorySource(archive ?? new Uint8Array(0));
    const members = indexTar(source, { name: "out", membersMax: 9, links: "kept" });
    expect(members.map(({ path }) => path)).toEqual([
      "results",
      "results/a",
      "results/sub",
      "results/sub/b",
    ]);
    expect(empty).toEqual(new Uint8Array(10_240));
    expect(zrt.warnings).toEqual(["There is no /results/a/no to export: empty archive"]);
  });

  test("an archive that is longer than the last one ends where it ends", () => {
    const channel = { ...out, contents: "o".repeat(20_000) };
    const { zrt, channels } = session({ exports: [{ channel: 3, mountpoint: "/dev" }] }, [channel]);
    zrt.finish();
    // The channel is not cut: what a longer file held before stays behind the end.
    const bytes = channels[3]?.backend.contents() ?? new Uint8Array(0);
    expect([bytes.length, bytes[10_239], byteStringOf(bytes, 10_240, 10_242)]).toEqual([
      20_000,
      0,
      "oo",
    ]);
  });

  test.each([
    [
      { ...out, putBytes: 5000n },
      "Cannot export /tmp: the archive would have 10240 bytes, its channel takes 5000; " +
        "raise the put limits of the channel, or the limit image-bytes",
    ],
    [
      { ...out, access: "r" },
      "Cannot write the export to /dev/out at offset 0: EDQUOT; " +
        "raise the put limits of the channel",
    ],
  ])("a channel that does not take it all gets nothing: %#", (channel, reason) => {
    const exports = [{ channel: 3, mountpoint: "/tmp" }];
    const { zrt, channels } = session({ exports }, [channel]);
    expect(() => zrt.finish()).toThrow(ExportFailure);
    expect(() => zrt.finish()).toThrow(reason);
    expect(channels[3]?.backend.contents().length).toBe(0);
  });

  test("what the guest wrote to the channel before is missing to the export", () => {
    const exports = [{ channel: 3, mountpoint: "/tmp" }];
    const { zrt, channels } = session({ exports }, [{ ...out, putBytes: 10_240n }]);
    channels[3]?.channel.write(new Uint8Array(100), 0, 100, 0);
    expect(() => zrt.finish()).toThrow("only 10140 of 10240 bytes");
  });

  test("a folder to be exported is there from the start, also in a read-only root", () => {
    const exports = [
      { channel: 3, mountpoint: "/made/deep" },
      { channel: 3, mountpoint: "" },
    ];
    const images = [image("/", files, { readonly: true })];
    const { zrt } = session({ exports, images }, [out]);
    const memory = new WebAssembly.Memory({ initial: 1 });
    const { wasi_snapshot_preview1: wasi } = zrt.wasiImports(() => memory);
    const make = wasi?.["path_create_directory"] as (
      fd: number,
      at: number,
      size: number,
    ) => number;
    new Uint8Array(memory.buffer).set(bytesOf("made/deep/x"), 16);
    // EROFS is 69 in WASI.
    expect([make(3, 16, 11), make(3, 16, 10 - 1), make(3, 16, 3)]).toEqual([0, 20, 69]);
    expect(zrt.warnings).toEqual([]);
  });

  test("an export of what the guest wrote", () => {
    const { zrt, channels } = session({ exports: [{ channel: 3, mountpoint: "/tmp" }] }, [out]);
    const memory = new WebAssembly.Memory({ initial: 1 });
    const { wasi_snapshot_preview1: wasi } = zrt.wasiImports(() => memory);
    const make = wasi?.["path_create_directory"] as (
      fd: number,
      at: number,
      size: number,
    ) => number;
    new Uint8Array(memory.buffer).set(bytesOf("tmp/new"), 16);
    expect(make(3, 16, 7)).toBe(0);
    zrt.finish();
    const bytes = channels[3]?.backend.contents() ?? new Uint8Array(0);
    expect(byteStringOf(bytes, 512, 520)).toBe("tmp/new/");
  });
});
