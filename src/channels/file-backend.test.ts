import { describe, expect, it } from "vitest";
import { HostIoError } from "../base/index.ts";
import { expectBytes } from "./channel.contract.ts";
import { ChannelFailure } from "./channel-failure.ts";
import { FakeHost } from "./fake-host.ts";
import { fileBackend } from "./file-backend.ts";
import { memoryBackend } from "./memory-backend.ts";
import { PENDING_BYTES_MAX, PendingWrites } from "./pending-writes.ts";
import { SmallCopy } from "./small-copy.ts";
import { streamBackend } from "./stream-backend.ts";

const CONTENTS = Uint8Array.from({ length: 200_000 }, (_, index) => (index * 31) & 255);

function settingOf() {
  const host = new FakeHost();
  const pending = new PendingWrites(host);
  const memory = new Uint8Array(300_000);
  const steadyFile = (bytes: Uint8Array) => {
    const source = { alias: "/dev/in", index: 0 };
    return fileBackend(host, host.open(bytes), { source, pending, readAhead: true, cut: false });
  };
  const changingFile = (alias: string) => {
    const source = { alias, index: 0 };
    return fileBackend(host, host.open(), { source, pending, readAhead: false, cut: true });
  };
  const stream = (bytes: Uint8Array, writeBehind = false) => {
    const source = { alias: "/dev/stream", index: 0 };
    return streamBackend(host, host.open(bytes), { source, pending, writeBehind });
  };
  const calls = () => host.calls.map(({ call, fd, position, size }) => [call, fd, position, size]);
  return { host, pending, memory, steadyFile, changingFile, stream, calls };
}

describe("small reads of a file that does not change", () => {
  it("in sequence share one read of the host", () => {
    const { steadyFile, memory, calls } = settingOf();
    const file = steadyFile(CONTENTS);
    for (let at = 0; at < 64_000; at += 64) {
      expect(file.read(memory, at, 64, at)).toBe(64);
    }
    expectBytes(memory.subarray(0, 64_000), CONTENTS.subarray(0, 64_000));
    expect(calls()).toEqual([["read", 0, 0, 65_536]]);
  });

  it("stop at the end of what was read ahead, and at the end of the file", () => {
    const { steadyFile, memory, calls } = settingOf();
    const file = steadyFile(CONTENTS.subarray(0, 70_000));
    for (let at = 0; at < 65_000; at += 1000) file.read(memory, at, 1000, at);
    expect(file.read(memory, 0, 1000, 65_000)).toBe(536);
    expect(file.read(memory, 0, 1000, 65_536)).toBe(1000);
    expect(file.read(memory, 0, 9000, 66_536)).toBe(3464);
    expect(file.read(memory, 0, 1000, 70_000)).toBe(0);
    expect(file.read(memory, 0, 1000, 70_000)).toBe(0);
    expect(calls().map((call) => call[2])).toEqual([0, 65_536, 70_000, 70_000]);
  });

  it("here and there read only what was asked for", () => {
    const { steadyFile, memory, calls } = settingOf();
    const file = steadyFile(CONTENTS);
    for (const at of [150_000, 90_000, 4096]) expect(file.read(memory, 0, 100, at)).toBe(100);
    expect(calls()).toEqual([
      ["read", 0, 150_000, 100],
      ["read", 0, 90_000, 100],
      ["read", 0, 4096, 100],
    ]);
    expect(file.read(memory, 0, 100, 4196)).toBe(100);
    expect(file.read(memory, 0, 100, 4200)).toBe(100);
    expectBytes(memory.subarray(0, 100), CONTENTS.subarray(4200, 4300));
    expect(calls().slice(3)).toEqual([["read", 0, 4196, 65_536]]);
  });

  it("of large blocks go straight into guest memory", () => {
    const { steadyFile, memory, calls } = settingOf();
    expect(steadyFile(CONTENTS).read(memory, 5, 150_000, 0)).toBe(150_000);
    expectBytes(memory.subarray(5, 150_005), CONTENTS.subarray(0, 150_000));
    expect(calls()).toEqual([["read", 0, 0, 150_000]]);
  });

  it("see a file that grew at its end", () => {
    const { host, steadyFile, memory } = settingOf();
    const file = steadyFile(CONTENTS.subarray(0, 10));
    expect(file.read(memory, 0, 20, 0)).toBe(10);
    host.replace(0, CONTENTS.subarray(0, 15));
    expect(file.read(memory, 0, 20, 10)).toBe(5);
    expectBytes(memory.subarray(0, 5), CONTENTS.subarray(10, 15));
  });

  it("leave what others wrote in the collection", () => {
    const { steadyFile, changingFile, memory, pending } = settingOf();
    const output = changingFile("/dev/out");
    output.write(memory, 0, 10, 0);
    steadyFile(CONTENTS).read(memory, 0, 10, 0);
    expect(pending.lengthBytes).toBe(10);
  });
});

describe("small writes", () => {
  it("that follow each other reach the host together, and keep their bytes", () => {
    const { host, changingFile, memory, calls } = settingOf();
    const file = changingFile("/dev/out");
    for (let at = 0; at < 1000; at += 10) {
      memory.fill(at & 255, 0, 10);
      file.write(memory, 0, 10, at);
    }
    expect(calls()).toEqual([]);
    file.close(1000);
    expect(calls()).toEqual([
      ["write", 0, 0, 1000],
      ["truncate", 0, -1, 1000],
    ]);
    expect(host.contents(0)[999]).toBe(990 & 255);
  });

  it("never collect more than one buffer", () => {
    const { changingFile, memory, pending, calls } = settingOf();
    const file = changingFile("/dev/out");
    for (let at = 0; at < PENDING_BYTES_MAX; at += 4096) file.write(memory, 0, 4096, at);
    expect(calls()).toEqual([]);
    expect(pending.lengthBytes).toBe(PENDING_BYTES_MAX);
    file.write(memory, 0, 1, PENDING_BYTES_MAX);
    expect(calls()).toEqual([["write", 0, 0, PENDING_BYTES_MAX]]);
  });

  it("elsewhere in the file, or to another file, deliver what was collected", () => {
    const { changingFile, memory, calls } = settingOf();
    const one = changingFile("/dev/one");
    const other = changingFile("/dev/other");
    one.write(memory, 0, 10, 0);
    one.write(memory, 0, 10, 5);
    other.write(memory, 0, 10, 15);
    one.write(memory, 0, 10, 15);
    other.close(25);
    expect(calls()).toEqual([
      ["write", 0, 0, 10],
      ["write", 0, 5, 10],
      ["write", 1, 15, 10],
      ["write", 0, 15, 10],
      ["truncate", 1, -1, 25],
    ]);
  });

  it("are delivered before everything else that the host sees", () => {
    const { changingFile, stream, memory, calls } = settingOf();
    const file = changingFile("/dev/out");
    const input = stream(CONTENTS);
    const steps = [
      () => input.read(memory, 0, 5, 0),
      () => input.write(memory, 0, 5, 0),
      () => input.close(0),
      () => file.read(memory, 0, 5, 0),
      () => file.write(memory, 0, 20_000, 1),
      () => file.truncate(3),
    ];
    for (const step of steps) {
      file.write(memory, 0, 1, 0);
      step();
    }
    expect(calls().map(([call, fd]) => `${call} ${fd}`)).toEqual([
      ...["write 0", "read 1"],
      ...["write 0", "write 1"],
      "write 0",
      ...["write 0", "read 0"],
      ...["write 0", "write 0"],
      ...["write 0", "truncate 0"],
    ]);
  });

  it("to an inherited file follow its own offset", () => {
    const { host, stream, memory, calls } = settingOf();
    const output = stream(new Uint8Array(0), true);
    memory.set(CONTENTS);
    for (let at = 0; at < 100; at += 10) output.write(memory, at, 10, 12_345);
    expect(calls()).toEqual([]);
    output.write(memory, 100, 20_000, 0);
    expect(calls()).toEqual([
      ["write", 0, -1, 100],
      ["write", 0, -1, 20_000],
    ]);
    expectBytes(host.contents(0), CONTENTS.subarray(0, 20_100));
  });

  it("to a stream are not kept", () => {
    const { stream, memory, calls } = settingOf();
    const output = stream(new Uint8Array(0));
    output.write(memory, 0, 3, 0);
    output.write(memory, 0, 3, 0);
    expect(calls().length).toBe(2);
  });

  it("that cannot be delivered name the channel they belong to, once", () => {
    const { host, changingFile, memory, pending } = settingOf();
    const guilty = changingFile("/dev/guilty");
    const other = changingFile("/dev/other");
    host.fail("write", 0, "ENOSPC");
    guilty.write(memory, 0, 10, 0);
    const state = "/dev/guilty;0 failed to write: No space left on device";
    expect(() => other.close(7)).toThrow(new ChannelFailure(5, "/dev/guilty", state));
    expect(host.contents(1).length).toBe(7);
    expect(pending.lengthBytes).toBe(0);
    expect(() => guilty.close(0)).not.toThrow();
  });
});

describe("a file in memory", () => {
  it("shows zeros where it was cut and grew again", () => {
    const file = memoryBackend(CONTENTS.subarray(0, 100));
    const memory = new Uint8Array(10);
    file.truncate(3);
    file.truncate(6);
    expect(file.read(memory, 0, 10, 1)).toBe(5);
    expect([...memory.subarray(0, 5)]).toEqual([CONTENTS[1], CONTENTS[2], 0, 0, 0]);
    expect(file.read(memory, 0, 10, 6)).toBe(0);
    expect(file.read(memory, 0, 10, 2 ** 40)).toBe(0);
  });

  it("refuses a size that no memory has", () => {
    const file = memoryBackend();
    expect(() => file.write(new Uint8Array(1), 0, 1, 2 ** 40)).toThrow(HostIoError);
    expect(() => file.truncate(2 ** 40)).toThrow(HostIoError);
  });

  it("does not share the bytes it was given", () => {
    const given = Uint8Array.of(1, 2);
    memoryBackend(given).write(Uint8Array.of(9), 0, 1, 0);
    expect([...given]).toEqual([1, 2]);
  });
});

describe("copies of every size", () => {
  it.each([0, 1, 3, 4, 5, 63, 64, 95, 96, 97, 500])("%i bytes", (size) => {
    const buffer = new Uint8Array(600);
    const copy = new SmallCopy(buffer);
    for (const memory of [CONTENTS.slice(0, 1000), CONTENTS.slice(3, 1003).subarray(1)]) {
      copy.fromMemory(memory, 7, 11, size);
      expect(buffer.subarray(11, 11 + size)).toEqual(memory.subarray(7, 7 + size));
      expect(buffer[11 + size]).toBe(0);
      const back = new Uint8Array(700);
      copy.toMemory(11, back, 13, size);
      expect(back.subarray(13, 13 + size)).toEqual(memory.subarray(7, 7 + size));
      expect([back[12], back[13 + size]]).toEqual([0, 0]);
      buffer.fill(0);
    }
  });
});
