import { describe, expect, test } from "vitest";
import {
  type TestChannel,
  type TestChannelOptions,
  testChannels,
} from "../../../test/support/test-channels.ts";
import { TreeWorld } from "../../../test/support/tree-world.ts";
import { byteStringOf } from "../../base/index.ts";
import type { ChannelType } from "../../channels/index.ts";
import { seededEntropy } from "../entropy.ts";
import { type Mapping, populateDev } from "./index.ts";

interface DevWorld {
  readonly world: TreeWorld;
  readonly channels: readonly TestChannel[];
}

type Mappings = Record<string, Mapping["mode"] | "file-truncate">;

function devWorld(more: readonly TestChannelOptions[] = [], modes: Mappings = {}): DevWorld {
  const world = new TreeWorld();
  const channels = testChannels(more);
  const mappings = Object.entries(modes).map(([alias, mode]): [string, Mapping] => [
    alias,
    mode === "file-truncate" ? { mode: "file", truncate: true } : { mode, truncate: false },
  ]);
  const list = channels.map(({ channel }) => channel);
  populateDev(world.tree, list, new Map(mappings), seededEntropy(1n));
  return { world, channels };
}

/** One channel `/dev/c` beside the standard ones. */
function one(
  type: ChannelType,
  access: string,
  more: Partial<TestChannelOptions> & { mode?: Mappings[string] } = {},
): DevWorld {
  const { mode, ...rest } = more;
  const channel = { alias: "/dev/c", type, access, contents: "0123456789", ...rest };
  return devWorld([channel], mode === undefined ? {} : { "/dev/c": mode });
}

function contents({ channels }: DevWorld): string {
  return byteStringOf(channels[3]?.backend.contents() ?? new Uint8Array(0));
}

const FIFO = "10";
const CHARACTER = "20";
const BLOCK = "60";
const FILE = "100";

describe("type and permission bits", () => {
  test.each([
    [0, "r", `${FIFO}400`],
    [0, "w", `${FIFO}200`],
    [0, "rw", `${BLOCK}600`],
    [0, "", `${BLOCK}000`],
    [1, "r", `${BLOCK}400`],
    [1, "w", `${FIFO}200`],
    [1, "rw", `${BLOCK}600`],
    [1, "", `${BLOCK}000`],
    [2, "r", `${FIFO}400`],
    [2, "w", `${BLOCK}200`],
    [2, "rw", `${BLOCK}600`],
    [2, "", `${BLOCK}000`],
    [3, "r", `${BLOCK}400`],
    [3, "w", `${BLOCK}200`],
    [3, "rw", `${BLOCK}600`],
    [3, "", `${BLOCK}000`],
  ] as const)("type %i with %s", (type, access, mode) => {
    const { world } = one(type, access);
    expect(world.run(`stat /dev/c mode = ${mode}; open /dev r = 0`)).toEqual([]);
  });

  test.each([
    ["pipe", `${FIFO}600`],
    ["char", `${CHARACTER}600`],
    ["file", `${FILE}600`],
  ] as const)("mapped as %s", (mode, bits) => {
    for (const type of [0, 1, 2, 3] as const) {
      expect(one(type, "rw", { mode }).world.do("stat /dev/c mode")).toBe(bits);
    }
    const { world } = devWorld([], { "/dev/null": mode });
    expect(world.run(`stat /dev/null mode = ${bits}; stat /dev/zero mode = 60600`)).toEqual([]);
  });
});

describe("stat", () => {
  test("what everything in /dev has", () => {
    const { world } = one(3, "rw");
    for (const path of ["/dev", "/dev/c", "/dev/null"]) {
      const common = "device = 2049; PATH uid = 1000; PATH gid = 1000; PATH blockBytes = 4096";
      expect(world.run(`PATH ${common}`.replaceAll("PATH", `stat ${path}`))).toEqual([]);
    }
    expect(
      world.run("stat /dev mode = 40500; stat /dev size = 4096; stat /dev blocks = 8"),
    ).toEqual([]);
    expect(
      world.run("stat /dev/c nlink = 1; stat /dev/c size = 10; stat /dev/c blocks = 8"),
    ).toEqual([]);
    expect(world.run("stat /dev/null size = 0; stat /dev/null blocks = 0")).toEqual([]);
  });

  test.each([
    [0, "r", 0, 0],
    [0, "w", 0, 0],
    [1, "rw", 10, 13],
    [2, "r", 10, 0],
    [2, "rw", 10, 13],
    [3, "rw", 10, 13],
  ] as const)("size of type %i with %s grows with what is written", (type, access, _, after) => {
    const { world } = one(type, access);
    if (access === "rw") {
      world.run("open /dev/c wa; put 0 abc");
    }
    expect(world.do("stat /dev/c size")).toBe(after);
  });

  test("inode numbers: channels from 11, then the emulated, then directories from the root on", () => {
    const { world } = devWorld([
      { alias: "/dev/in/a" },
      { alias: "elsewhere" },
      { alias: "/dev/mount/b" },
    ]);
    const wanted = { stdin: 11, stderr: 13, "in/a": 14, "mount/b": 16, null: 17, urandom: 21 };
    for (const [path, ino] of Object.entries(wanted)) {
      expect([path, world.do(`stat /dev/${path} ino`)]).toEqual([path, ino]);
    }
    // 22 would be the root, which the memory tree numbers.
    expect(
      world.run("stat /dev ino = 23; stat /dev/in ino = 24; stat /dev/mount ino = 25"),
    ).toEqual([]);
    expect(
      world.run(
        "stat /dev nlink = 4; stat /dev/in nlink = 2; stat / ino = 1; create f; stat f ino = 3",
      ),
    ).toEqual([]);
  });
});

describe("listing", () => {
  test("directories, then channels in guest order, then what is emulated", () => {
    const { world } = devWorld([
      { alias: "/dev/input447" },
      { alias: "/dev/in/deep/x" },
      { alias: "/dev/mount/a.tar" },
      { alias: "/dev/mount/b.tar" },
      { alias: "/dev/mount1" },
      { alias: "/dev/mount2" },
    ]);
    const wanted =
      "in mount stdin stdout stderr input447 mount1 mount2 null full zero random urandom";
    expect(world.do("ls /dev")).toBe(wanted);
    // With `.` and `..` these are 15 and exactly 4 entries.
    expect(
      world.run("ls /dev/mount = a.tar b.tar; ls /dev/in = deep; ls /dev/in/deep = x"),
    ).toEqual([]);
    const node = world.node("/dev/mount");
    expect(typeof node !== "number" && node.volume.listsDots).toBe(true);
  });

  test("an alias of an emulated device replaces it", () => {
    const { world } = devWorld([{ alias: "/dev/zero", access: "r", contents: "one", type: 3 }]);
    expect(world.do("ls /dev")).toBe("stdin stdout stderr zero null full random urandom");
    expect(world.run("open /dev/zero r = 0; get 0 9 = one; stat /dev/urandom ino = 18")).toEqual(
      [],
    );
  });

  test("what has no path is left out", () => {
    const { world } = devWorld([
      { alias: "/tmp/x" },
      { alias: "plain" },
      { alias: "/device/x" },
      { alias: "/dev/" },
      { alias: "/dev/folder/" },
      { alias: "/dev/../up" },
      { alias: "/dev/./here" },
      { alias: "/dev/a" },
      { alias: "/dev/a/b" },
      { alias: "/dev/twice" },
      { alias: "/dev//twice" },
    ]);
    expect(world.do("ls /dev")).toBe("a stdin stdout stderr twice null full zero random urandom");
    expect(
      world.run(
        "stat /tmp/x = ENOENT; stat plain = ENOENT; stat /up = ENOENT; stat /device = ENOENT",
      ),
    ).toEqual([]);
    expect(world.run("stat /dev/a/b")).toEqual([]);
  });
});

describe("open", () => {
  const A = "EACCES";
  const P = "EPERM";
  const MATRIX: readonly [string, DevWorld, string][] = [
    ["type 0 read-only", one(0, "r"), `ok ${A} ${A} ok ${A} ${A} ok ${A} ${A}`],
    ["type 0 write-only", one(0, "w"), `${A} ok ${A} ${A} ok ${A} ${A} ok ${A}`],
    ["type 0 both, char", one(0, "rw", { mode: "char" }), "ok ok ok ok ok ok ok ok ok"],
    ["type 3 read-only", one(3, "r"), `ok ${A} ${A} ${P} ${P} ${P} ok ${A} ${A}`],
    [
      "type 3 read-only, file",
      one(3, "r", { mode: "file" }),
      `ok ${A} ${A} ${P} ${P} ${P} ok ${A} ${A}`,
    ],
    [
      "type 3 write-only, pipe",
      one(3, "w", { mode: "pipe" }),
      `${A} ok ${A} ${A} ok ${A} ${A} ok ${A}`,
    ],
    ["type 3 both", one(3, "rw"), `ok ok ok ${P} ${P} ${P} ok ok ok`],
    ["type 2 both", one(2, "rw"), `ok ok ok ${P} ${P} ${P} ok ok ok`],
    ["type 1 both", one(1, "rw"), `${P} ${P} ${P} ${P} ${P} ${P} ok ok ok`],
    ["type 1 write-only", one(1, "w"), `${A} ok ${A} ${A} ok ${A} ${A} ok ${A}`],
    ["no limits", one(0, ""), `${A} ${A} ${A} ${P} ${P} ${P} ${A} ${A} ${A}`],
    ["an emulated device", devWorld([], { "/dev/null": "file" }), "ok ok ok ok ok ok ok ok ok"],
    ["type 3, truncate=yes", one(3, "rw", { mode: "file-truncate" }), "ok ok ok ok ok ok ok ok ok"],
    [
      "type 3 read-only, truncate=yes",
      one(3, "r", { mode: "file-truncate" }),
      `ok ${A} ${A} ok ${A} ${A} ok ${A} ${A}`,
    ],
  ];

  test.each(MATRIX)("%s", (title, { world }, answers) => {
    const path = title === "an emulated device" ? "/dev/null" : "/dev/c";
    const flags = ["r", "w", "rw", "rt", "wt", "rwt", "ra", "wa", "rwa"];
    const got = flags.map((each) => {
      const answer = world.do(`open ${path} ${each}`);
      return typeof answer === "number" ? "ok" : answer;
    });
    expect(got.join(" ")).toBe(answers);
    expect(
      world.run(
        `open ${path} ratcx = EEXIST; open ${path} rd = ENOTDIR; open ${path}/ r = ENOTDIR`,
      ),
    ).toEqual([]);
  });

  test("type 1 both, append and truncate", () => {
    const { world } = one(1, "rw");
    expect(
      world.run("open /dev/c rwat = EPERM; open /dev/c rwac = 0; open /dev/c rwac = 1"),
    ).toEqual([]);
  });

  test("nothing is made or changed in /dev", () => {
    const { world } = one(3, "rw");
    const script = `open /dev/no wc = ENOENT; mkdir /dev/no = EPERM; symlink x /dev/no = EPERM
      unlink /dev/c = EPERM; unlink /dev/no = ENOENT; rmdir /dev/c = ENOTDIR; rmdir /dev = EBUSY
      create f; link f /dev/no = EXDEV; link /dev/c g = EXDEV; link /dev/c /dev/d = EPERM
      rename f /dev/no = EXDEV; rename /dev/c g = EXDEV; rename /dev/c /dev/d = EPERM
      rename /dev e = EBUSY; mkdir e; rename e /dev = EBUSY; truncate /dev/c 1 = ENOSYS
      truncate /dev/stdin 1 = EACCES; truncate /dev/null 1 = ENOSYS; mkdir /dev/c = EEXIST
      stat /dev/c/x = ENOTDIR; ls /dev = stdin stdout stderr c null full zero random urandom`;
    expect(world.run(script)).toEqual([]);
    const deep = devWorld([{ alias: "/dev/m/a" }]).world;
    expect(
      deep.run("rmdir /dev/m = EPERM; mkdir /dev/m/x = EPERM; rename /dev/m /dev/n = EPERM"),
    ).toEqual([]);
  });

  test("paths into /dev", () => {
    const { world } = devWorld([{ alias: "/dev/m/a" }]);
    const script = `stat //dev//m/../stdin ino = 11; stat /dev/../dev/stdin ino = 11
      create f abc; stat /dev/../f size = 3; symlink /dev/stdin l; stat l ino = 11
      symlink dev d; stat d/m/a ino = 14; stat /device = ENOENT`;
    expect(world.run(script)).toEqual([]);
  });
});

describe("positions", () => {
  test("type 0: a count of bytes, and nothing but telling it", () => {
    const { world } = one(0, "r");
    const script = `open /dev/c r = 0; seek 0 0 current = 0; get 0 4 = 0123; seek 0 0 current = 4
      seek 0 0 set = ESPIPE; seek 0 10 set = ESPIPE; seek 0 1 current = ESPIPE; seek 0 0 end = ESPIPE
      put 0 x = EINVAL; seek 0 0 current = 4; open /dev/c r = 1; get 1 3 = 456; seek 1 0 current = 3
      close 0; close 1; open /dev/c r = 0; get 0 99 = 789; get 0 9 =; get 0 9 =; pget 0 5 0 =`;
    expect(world.run(script)).toEqual([]);
    const writer = one(0, "w", { contents: "" });
    const puts = `open /dev/c w = 0; put 0 abc = 3; seek 0 0 current = 3; seek 0 0 set = ESPIPE
      open /dev/c w = 1; put 1 def = 3; pput 0 x 0 = 1; seek 0 0 current = 3; get 0 1 = EINVAL`;
    expect(writer.world.run(puts)).toEqual([]);
    expect(contents(writer)).toBe("abcdefx");
  });

  test("type 1: the read position moves, writes append", () => {
    const dev = one(1, "rw");
    const script = `open /dev/c rwa = 0; seek 0 0 end = 10; seek 0 2 set = 2; put 0 abc = 3
      seek 0 0 current = 2; get 0 3 = 234; seek 0 0 end = 13; seek 0 -3 end = 10; get 0 9 = abc
      get 0 9 =; seek 0 -1 set = EINVAL; seek 0 -99 current = EINVAL; pget 0 2 1 = 12`;
    expect(dev.world.run(script)).toEqual([]);
    expect(contents(dev)).toBe("0123456789abc");
  });

  test("type 2: the write position moves, a reader cannot seek", () => {
    const dev = one(2, "rw");
    const script = `open /dev/c rw = 0; get 0 2 = 01; seek 0 0 current = 0; seek 0 4 set = 4
      put 0 XY = 2; seek 0 0 current = 6; seek 0 -1 end = 9; pput 0 Z 0 = 1; seek 0 0 current = 9
      open /dev/c r = 1; seek 1 0 current = ESPIPE; seek 1 0 set = ESPIPE
      open /dev/c w = 2; seek 2 3 set = 3`;
    expect(dev.world.run(script)).toEqual([]);
    expect(contents(dev)).toBe("Z123XY6789");
  });

  test("type 3: one position, positional calls apart", () => {
    const dev = one(3, "rw");
    const script = `open /dev/c rw = 0; get 0 2 = 01; put 0 AB = 2; seek 0 0 current = 4; seek 0 1 set = 1
      get 0 3 = 1AB; pget 0 2 8 = 89; pput 0 C 9 = 1; seek 0 0 current = 4; seek 0 0 end = 10; get 0 1 =
      seek 0 100 set = 100; get 0 1 =; pget 0 1 100 =; open /dev/c r = 1; get 1 1 = 0; seek 1 -2 set = EINVAL
      open /dev/c wa = 2; put 2 D = 1; seek 0 0 end = 11; seek 0 9007199254740992 set = EINVAL`;
    expect(dev.world.run(script)).toEqual([]);
    expect(contents(dev)).toBe("01AB45678CD");
  });

  test("beyond 4 GiB", () => {
    const { world } = one(2, "w", { contents: "", putBytes: 5_368_709_120n });
    expect(
      world.run(
        "open /dev/c w = 0; seek 0 5368709119 set = 5368709119; seek 0 0 current = 5368709119",
      ),
    ).toEqual([]);
  });
});

describe("limits", () => {
  test("bytes to put: a short write, then the error of the channel", () => {
    const { world } = one(3, "rw", { putBytes: 4n });
    expect(
      world.run("open /dev/c rw = 0; put 0 abcdef = 4; pput 0 x 0 = EDQUOT; put 0 '' = 0"),
    ).toEqual([]);
  });

  test("several spans are one put", () => {
    const dev = one(0, "w", { contents: "" });
    dev.world.run("open /dev/c w");
    const memory = new Uint8Array([97, 98, 99, 100]);
    const spans = { pairs: [3, 1, 0, 2], count: 2, totalBytes: 3 };
    expect(dev.world.descriptors.get(0)?.write(memory, spans)).toBe(3);
    expect(contents(dev)).toBe("dab");
    expect(dev.channels[3]?.channel.report().puts).toBe(1);
  });
});

describe("emulated devices", () => {
  test.each([
    ["null", 0, 5],
    ["zero", 9, 5],
    ["full", 9, "ENOSPC"],
    ["random", 9, 5],
    ["urandom", 9, 5],
  ])("%s", (name, got, put) => {
    const { world } = devWorld();
    expect(world.do(`open /dev/${name} rw`)).toBe(0);
    expect((world.read(0, 9) as string).length).toBe(got);
    expect(world.do("seek 0 0 current")).toBe(got);
    expect(world.do("put 0 hello")).toBe(put);
    const script = `put 0 '' = 0; get 0 0 =; seek 0 0 current = ${got + (put === 5 ? 5 : 0)}; seek 0 0 set = ESPIPE
      seek 0 1 current = ESPIPE; seek 0 0 end = ESPIPE; ftruncate 0 1 = ENOSYS; allocate 0 1 = ENODEV
      pput 0 hello 7 = ${put}; open /dev/${name} r = 1; put 1 x = EINVAL`;
    expect(world.run(script)).toEqual([]);
    expect((world.do("pget 0 9 3") as string).length).toBe(got);
  });

  test("zero and full give zeros over what was there, random ones differ", () => {
    const { world } = devWorld();
    world.run("open /dev/zero r; open /dev/full r; open /dev/random r; open /dev/urandom r");
    for (const fd of [0, 1]) {
      const memory = new Uint8Array(6).fill(9);
      const spans = { pairs: [1, 2, 4, 1], count: 2, totalBytes: 3 };
      expect(world.descriptors.get(fd)?.read(memory, spans)).toBe(3);
      expect([...memory]).toEqual([9, 0, 0, 9, 0, 9]);
    }
    const reads = [2, 3, 2, 3].map((fd) => world.read(fd, 16));
    expect(new Set(reads).size).toBe(4);
  });
});

test("/dev/zfork is in no listing, and without a preparation at its end", () => {
  const { world } = devWorld();
  const script = `open /dev/zfork r = 0; get 0 9 =; pget 0 9 0 =; seek 0 0 current = 0
    seek 0 1 set = ESPIPE; open /dev/zfork w = EACCES; open /dev/zfork rw = EACCES
    unlink /dev/zfork = EPERM`;
  expect(world.run(script)).toEqual([]);
  expect(world.do("ls /dev")).not.toContain("zfork");
});

describe("mapping truncate=yes", () => {
  test("O_TRUNC and ftruncate work as on a file", () => {
    const dev = one(3, "rw", { mode: "file-truncate" });
    const script = `open /dev/c rw = 0; ftruncate 0 4; stat /dev/c size = 4; seek 0 0 end = 4; get 0 1 =
      seek 0 0 set; get 0 9 = 0123; ftruncate 0 6; stat /dev/c size = 6; open /dev/c rt = 1; stat /dev/c size = 6
      ftruncate 1 1 = EINVAL; open /dev/c wt = 2; stat /dev/c size = 0; put 2 new = 3; stat /dev/c size = 3
      truncate /dev/c 2; stat /dev/c size = 2`;
    expect(dev.world.run(script)).toEqual([]);
    expect(contents(dev)).toBe("ne");
  });

  test("what the channel does not allow stays so", () => {
    const { world } = one(3, "rw", { mode: "file-truncate", putBytes: 5n });
    expect(world.run("open /dev/c rw = 0; ftruncate 0 99 = EFBIG; stat /dev/c size = 10")).toEqual(
      [],
    );
  });
});
