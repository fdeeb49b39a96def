import { describe, expect, test } from "vitest";
import { folderImage, OFLAGS, RIGHTS, TestGuest } from "../../../test/support/guest-harness.ts";

const END = 0x10000;
const PATH = "path";
const IOVECS = "iovecs";

/** A place for a result of so many bytes. */
interface Result {
  readonly bytes: number;
}

type Shape = number | bigint | typeof PATH | typeof IOVECS | Result;

const out = (bytes: number): Result => ({ bytes });

/** Every call with pointers, with arguments that would succeed, or nearly so, were they good. */
const CALLS: readonly (readonly [name: string, arguments: readonly Shape[]])[] = [
  ["args_get", [out(8), out(8)]],
  ["args_sizes_get", [out(4), out(4)]],
  ["environ_get", [out(4), out(4)]],
  ["environ_sizes_get", [out(4), out(4)]],
  ["clock_res_get", [0, out(8)]],
  ["clock_time_get", [0, 0n, out(8)]],
  ["fd_fdstat_get", [3, out(24)]],
  ["fd_filestat_get", [3, out(64)]],
  ["unstable.fd_filestat_get", [3, out(56)]],
  ["fd_pread", [4, IOVECS, 0n, out(4)]],
  ["fd_prestat_get", [3, out(8)]],
  ["fd_pwrite", [4, IOVECS, 0n, out(4)]],
  ["fd_read", [4, IOVECS, out(4)]],
  ["fd_readdir", [3, out(64), 64, 0n, out(4)]],
  ["fd_seek", [4, 1n, 0, out(8)]],
  ["unstable.fd_seek", [4, 1n, 2, out(8)]],
  ["fd_tell", [4, out(8)]],
  ["fd_write", [4, IOVECS, out(4)]],
  ["path_create_directory", [3, PATH]],
  ["path_filestat_get", [3, 0, PATH, out(64)]],
  ["unstable.path_filestat_get", [3, 0, PATH, out(56)]],
  ["path_filestat_set_times", [3, 0, PATH, 5n, 5n, 5]],
  ["path_link", [3, 0, PATH, 3, PATH]],
  ["path_open", [3, 0, PATH, OFLAGS.CREAT, RIGHTS.BOTH, 0n, 0, out(4)]],
  ["path_readlink", [3, PATH, out(16), 16, out(4)]],
  ["path_remove_directory", [3, PATH]],
  ["path_rename", [3, PATH, 3, PATH]],
  ["path_symlink", [PATH, 3, PATH]],
  ["path_unlink_file", [3, PATH]],
  ["poll_oneoff", [out(48), out(32), 1, out(4)]],
  ["unstable.poll_oneoff", [out(56), out(32), 1, out(4)]],
  ["random_get", [out(16), 16]],
  ["zrt.fd_dup", [4, 0, out(4)]],
  ["zrt.umask", [0o77, out(4)]],
  ["zrt.path_chmod", [3, 0, PATH, 0]],
  ["zrt.path_chown", [3, 0, PATH, 0, 0]],
  ["zrt.path_stat_ex", [3, 0, PATH, out(96)]],
  ["zrt.fd_stat_ex", [3, out(96)]],
  ["zrt.fd_fcntl", [4, 4, 0, out(4)]],
  ["zrt.getcwd", [out(64), 64, out(4)]],
  ["zrt.chdir", [PATH]],
  ["zrt.getids", [out(12)]],
  ["zrt.sysinfo", [0, out(8)]],
  ["zrt.chan_info", [0, out(48), out(8), 8]],
  ["zrt.chan_read", [0, out(8), 8, 0n, out(4)]],
  ["zrt.chan_write", [1, out(8), 8, 0n, out(4)]],
];

type Pointer = readonly [pointer: number, size: number];

/** The call with good arguments, but for pointer number `bad`, which is `wrong`. */
function argumentsOf(guest: TestGuest, shapes: readonly Shape[], bad: number, wrong: Pointer) {
  let pointers = 0;
  return shapes.flatMap((shape): readonly (number | bigint)[] => {
    if (typeof shape === "number" || typeof shape === "bigint") return [shape];
    const isBad = pointers === bad;
    pointers += 1;
    if (typeof shape === "object") return [isBad ? wrong[0] : 0x200 + 0x80 * pointers];
    if (isBad) return [...wrong];
    return shape === PATH ? guest.place("f") : guest.iovecs([[0x100, 4]]);
  });
}

function pointerCount(shapes: readonly Shape[]): number {
  return shapes.filter((shape) => typeof shape !== "number" && typeof shape !== "bigint").length;
}

function freshGuest(): TestGuest {
  const guest = new TestGuest({
    args: ["a", "b"],
    env: [["A", "1"]],
    stdin: "input",
    images: [folderImage("/w", { f: "x" })],
  });
  guest.file("f", "0123456789");
  guest.opened("f", { rights: RIGHTS.BOTH });
  return guest;
}

/** What a guest can see of its world: nothing of it may change. */
function pictureOf(guest: TestGuest): string {
  const paths = ["f", "path", "tmp"].map((path) => {
    const answer = guest.unchecked("path_filestat_get", [3, 0, ...guest.place(path), 0x6000]);
    return answer + Buffer.from(guest.bytes.subarray(0x6000, 0x6040)).toString("hex");
  });
  guest.unchecked("fd_tell", [4, 0x6000]);
  const position = guest.u64(0x6000);
  const next = guest.open("f");
  guest.unchecked("zrt.umask", [0, 0x6000]);
  const mask = guest.u32(0x6000);
  guest.unchecked("clock_time_get", [0, 0n, 0x6000]);
  const traffic = guest.channels.map((channel) => [channel.getPosition, channel.putPosition]);
  return JSON.stringify([paths, `${position}`, next, mask, `${guest.u64(0x6000)}`, traffic]);
}

const untouched = pictureOf(freshGuest());

describe.each(CALLS)("%s", (name, shapes) => {
  test.each(Array.from({ length: pointerCount(shapes) }, (_, index) => index))(
    "pointer %i outside of memory is FAULT, whatever way, and nothing happens",
    (bad) => {
      const wrong: Pointer[] = [
        [END - 1, 0x20],
        [END, 2],
        [END + 1, 1],
        [0xffffffff, 1],
        [-1, 1],
        [0x80000000, 2],
        [0, 0xffffffff],
        [END - 2, 0x7fffffff],
      ];
      const shape = shapes.filter((one) => typeof one === "object" || typeof one === "string")[bad];
      for (const pointer of wrong) {
        // Where the call itself says how much it writes, only the place can be wrong.
        if (typeof shape === "object" && pointer[0] === 0) continue;
        const guest = freshGuest();
        const args = argumentsOf(guest, shapes, bad, pointer);
        expect([pointer, guest.call(name, args)]).toEqual([pointer, "FAULT"]);
        expect(pictureOf(guest)).toBe(untouched);
      }
    },
  );
});

describe("iovecs", () => {
  test.each([
    ["the last byte too far", [END - 3, 4]],
    ["far away", [0xffffffff, 1]],
    ["a huge size", [0, 0xffffffff]],
    ["nothing, but behind the end", [END + 1, 0]],
  ] as const)("one of several that is wrong (%s) is FAULT before anything happens", (_n, span) => {
    for (const name of ["fd_read", "fd_write"]) {
      const guest = freshGuest();
      const iovecs = guest.iovecs([[0x100, 4], span]);
      expect(guest.call(name, [4, ...iovecs, 0x200])).toBe("FAULT");
      expect(pictureOf(guest)).toBe(untouched);
    }
  });

  test("an array of them that reaches behind the end", () => {
    const guest = freshGuest();
    expect(guest.call("fd_read", [4, END - 8, 2, 0x200])).toBe("FAULT");
    expect(guest.call("fd_read", [4, 0, 0xffffffff, 0x200])).toBe("FAULT");
    expect(guest.call("fd_write", [4, 0, 0x20000000, 0x200])).toBe("FAULT");
  });

  test("the last bytes of memory are good", () => {
    const guest = freshGuest();
    guest.bytes.set([0xf0, 0xff, 0, 0, 4, 0, 0, 0], END - 8);
    const args = [4, END - 8, 1, END - 12];
    expect(guest.unchecked("fd_read", args)).toBe("SUCCESS");
    expect(guest.text(END - 16, 4)).toBe("0123");
  });
});

test("huge counts are FAULT as well", () => {
  const guest = freshGuest();
  expect(guest.call("poll_oneoff", [0x100, 0x1000, 0xffffffff, 0x200])).toBe("FAULT");
  expect(guest.call("fd_readdir", [3, 0x100, 0xffffffff, 0n, 0x200])).toBe("FAULT");
  expect(guest.call("random_get", [0x100, 0xffffffff])).toBe("FAULT");
  expect(guest.call("fd_prestat_dir_name", [3, END, 0xffffffff])).toBe("FAULT");
  expect(guest.call("path_readlink", [3, ...guest.place("f"), 0, 0xffffffff, 0x200])).toBe("FAULT");
});
