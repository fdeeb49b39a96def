import { expect, test } from "vitest";
import { NaclTestGuest } from "../../../test/support/nacl-guest.ts";

function words(nacl: NaclTestGuest, address: number, count: number): number[] {
  const view = nacl.view(address);
  return Array.from({ length: count }, (_, index) => view.getUint32(4 * index, true));
}

function textAt(nacl: NaclTestGuest, address = 0): string {
  let size = 0;
  while (nacl.bytes(address + size, 1)[0] !== 0) size += 1;
  return nacl.string(address, size);
}

test("arguments and environment lie where programs of either age look", () => {
  const nacl = new NaclTestGuest({
    args: ["prog", "", "b\xff"],
    env: [
      ["A", "1"],
      ["B", ""],
    ],
  });
  const { stackPointer, infoAddress } = nacl.guest.zrt.startNacl();
  expect([(stackPointer + 8) % 16, infoAddress % 16]).toEqual([0, 0]);
  const info = words(nacl, infoAddress, 11);
  expect(info.slice(0, 3)).toEqual([0, 2, 3]);
  const shown = (pointers: readonly number[]) => pointers.map((at) => at && textAt(nacl, at));
  const wanted = ["prog", "", "b\xff", 0, "A=1", "B=", 0, 0, 0];
  expect(shown([...info.slice(3), ...words(nacl, infoAddress + 44, 1)])).toEqual(wanted);
  expect(words(nacl, stackPointer, 2)).toEqual([3, 0]);
  expect(shown(words(nacl, stackPointer + 8, 9))).toEqual(wanted);
});

test("a program without arguments has an empty block, and one with too many does not start", () => {
  const bare = new NaclTestGuest();
  const { stackPointer, infoAddress } = bare.guest.zrt.startNacl();
  expect(words(bare, infoAddress, 7)).toEqual([0, 0, 0, 0, 0, 0, 0]);
  expect(words(bare, stackPointer, 7)).toEqual([0, 0, 0, 0, 0, 0, 0]);
  const full = new NaclTestGuest({ args: ["x".repeat(2 ** 20)] });
  expect(() => full.guest.zrt.startNacl()).toThrow("take 1048664 bytes, and 1048576 are the most");
});

test("they are in the trace", () => {
  const hashOf = (arg: string): string => {
    const nacl = new NaclTestGuest({ args: [arg] });
    nacl.guest.zrt.startNacl();
    return nacl.guest.trace.finish([]);
  };
  expect(hashOf("a")).toBe(hashOf("a"));
  expect(hashOf("a")).not.toBe(hashOf("b"));
});
