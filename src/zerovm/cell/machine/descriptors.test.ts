import { execFileSync, spawn } from "node:child_process";
import { closeSync, constants, openSync, readFileSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { temporaryFolders } from "../../../../test/support/temporary-folder.ts";
import { loadPoll, POLL_IN, POLL_OUT, type Poll } from "../../libc/index.ts";
import { hostDescriptors } from "./descriptors.ts";

const newFolder = temporaryFolders();
const open: number[] = [];
afterEach(() => {
  for (const fd of open.splice(0)) closeSync(fd);
});

function opened(path: string, flags: number | string): number {
  const fd = openSync(path, flags);
  open.push(fd);
  return fd;
}

function newPipe(): string {
  const path = join(newFolder(), "pipe");
  execFileSync("mkfifo", [path]);
  return path;
}

interface Setup {
  readonly waiting?: readonly number[];
  readonly poll?: Poll | undefined;
  readonly remainingMs?: () => number;
}

function descriptorsWith({ waiting = [], poll, remainingMs = () => 5000 }: Setup) {
  return hostDescriptors({ waiting: new Set(waiting), loadPoll: () => poll, remainingMs });
}

describe("poll", () => {
  test("says whether a pipe can be read or written", () => {
    const poll = loadPoll();
    expect(poll).toBeDefined();
    const fd = opened(newPipe(), constants.O_RDWR);
    expect(poll?.(fd, POLL_IN, 1)).toBe(false);
    expect(poll?.(fd, POLL_OUT, 1)).toBe(true);
    writeSync(fd, "x");
    expect(poll?.(fd, POLL_IN, 1)).toBe(true);
  });
});

describe("descriptors", () => {
  test("read and write files by position, and give and cut their size", () => {
    const path = join(newFolder(), "file");
    writeFileSync(path, "0123456789");
    const fd = opened(path, "r+");
    const descriptors = descriptorsWith({});
    const memory = new Uint8Array(8);
    expect(descriptors.read(fd, memory, 2, 4, 3)).toBe(4);
    expect([...memory]).toEqual([0, 0, 51, 52, 53, 54, 0, 0]);
    expect(descriptors.read(fd, memory, 0, 4, 10)).toBe(0);
    descriptors.write(fd, memory, 2, 4, 12);
    expect(descriptors.sizeBytes(fd)).toBe(16);
    descriptors.truncate(fd, 3);
    expect(readFileSync(path, "utf8")).toBe("012");
  });

  test("use the descriptor's own offset for streams", () => {
    const path = join(newFolder(), "file");
    writeFileSync(path, "0123456789");
    const fd = opened(path, "r");
    const memory = new Uint8Array(4);
    const descriptors = descriptorsWith({});
    descriptors.read(fd, memory, 0, 4, -1);
    descriptors.read(fd, memory, 0, 4, -1);
    expect(Buffer.from(memory).toString()).toBe("4567");
  });

  test("throw the host's error by name", () => {
    const fd = opened("/dev/null", "r");
    const descriptors = descriptorsWith({});
    const failing = [
      () => descriptors.write(fd, new Uint8Array(1), 0, 1, -1),
      () => descriptors.write(opened("/dev/full", "w"), new Uint8Array(1), 0, 1, -1),
      () => descriptors.truncate(fd, 0),
    ];
    const codes = failing.map((call) => {
      try {
        call();
        return "none";
      } catch (error) {
        return (error as { readonly code: string }).code;
      }
    });
    expect(codes).toEqual(["EBADF", "ENOSPC", "EINVAL"]);
  });

  test("wait for a pipe that is filled later", async () => {
    const path = newPipe();
    const fd = opened(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const writer = spawn("sh", ["-c", `sleep 0.2; printf late > ${path}`]);
    const ended = new Promise((resolve) => writer.on("exit", resolve));
    const memory = new Uint8Array(8);
    const descriptors = descriptorsWith({ waiting: [fd], poll: loadPoll() });
    expect(descriptors.read(fd, memory, 0, 8, -1)).toBe(4);
    expect(descriptors.read(fd, memory, 0, 8, -1)).toBe(0);
    await ended;
  });

  test("give up when the time is over, with poll and without it", () => {
    for (const poll of [loadPoll(), undefined]) {
      const fd = opened(newPipe(), constants.O_RDWR | constants.O_NONBLOCK);
      const endMs = performance.now() + 150;
      const descriptors = descriptorsWith({
        waiting: [fd],
        poll,
        remainingMs: () => endMs - performance.now(),
      });
      const full = new Uint8Array(1 << 20);
      expect(() => descriptors.read(fd, full, 0, 1, -1)).toThrow("The time of the session is over");
      expect(() => descriptors.write(fd, full, 0, full.length, -1)).toThrow("The time");
    }
  });

  test("deliver more than a pipe holds, while somebody reads", async () => {
    const path = newPipe();
    const fd = opened(path, constants.O_RDWR);
    const out = join(newFolder(), "out");
    const reader = spawn("sh", ["-c", `head -c 300000 ${path} > ${out}`]);
    const ended = new Promise((resolve) => reader.on("exit", resolve));
    const bytes = new Uint8Array(300_000).map((_, index) => index % 251);
    descriptorsWith({ waiting: [fd], poll: loadPoll() }).write(fd, bytes, 0, bytes.length, -1);
    await ended;
    expect(readFileSync(out).equals(bytes)).toBe(true);
  });
});
