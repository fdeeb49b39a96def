import { beforeEach, describe, expect, test } from "vitest";
import {
  BUFFER,
  DATA,
  FILL,
  HEAP,
  NaclTestGuest,
  RESULT,
  RODATA,
} from "../../../test/support/nacl-guest.ts";
import { ERRNO } from "../../base/index.ts";
import type { NaclCallName } from "../trace/index.ts";
import { NACL_ANSWERS, REFUSED } from "./calls.ts";

const PAGE = 0x1_0000;
const PRIVATE = 0x22;
const FIXED = 0x32;
const READ_WRITE = 3;

let nacl: NaclTestGuest;

beforeEach(() => {
  nacl = new NaclTestGuest({ clockSeconds: 100, seed: 5n });
});

describe("memory", () => {
  const map = (size: number, address = 0, flags = PRIVATE, protection = READ_WRITE): number => {
    return nacl.call("mmap", address, size, protection, flags, 0xffff_ffff, 0) >>> 0;
  };
  const isReadable = (address: number): boolean => nacl.call("write", 1, address, 1) === 1;

  test("grows with the break, and only what is there may be used", () => {
    expect(nacl.call("brk", 0)).toBe(HEAP.start);
    expect(isReadable(0x5_ffff)).toBe(true);
    expect(isReadable(0x6_0000)).toBe(false);
    expect(nacl.call("brk", 0x8_0001)).toBe(0x8_0001);
    expect(isReadable(0x8_ffff)).toBe(true);
    expect(isReadable(0x9_0000)).toBe(false);
    nacl.put(0x8_0000, [1]);
    expect(nacl.call("brk", 0x7_0000)).toBe(0x7_0000);
    expect(isReadable(0x7_0000)).toBe(false);
    expect(nacl.call("brk", 0x9_0000)).toBe(0x9_0000);
    expect(nacl.bytes(0x8_0000, 1)[0]).toBe(0);
    // Where it cannot be it stays where it is.
    for (const address of [HEAP.start - 1, HEAP.end + 1, 0xffff_ffff]) {
      expect(nacl.call("brk", address)).toBe(0x9_0000);
    }
    expect(nacl.call("brk", HEAP.end)).toBe(HEAP.end);
  });

  test("is mapped from the top by whole pages, zeroed, and taken back", () => {
    const first = map(1);
    expect(first).toBe(HEAP.end - PAGE);
    const second = map(PAGE + 1);
    expect(second).toBe(first - 2 * PAGE);
    nacl.put(second, [1, 2, 3]);
    expect(isReadable(second + 2 * PAGE - 1)).toBe(true);
    expect(nacl.call("munmap", second, 2 * PAGE)).toBe(0);
    expect(isReadable(second)).toBe(false);
    expect(map(2 * PAGE)).toBe(second);
    expect([...nacl.bytes(second, 3)]).toEqual([0, 0, 0]);
  });

  test("is mapped where that is asked, or refused", () => {
    const place = 0x80_0000;
    expect(map(PAGE, place)).toBe(place);
    expect(map(PAGE, place)).toBe(HEAP.end - PAGE);
    nacl.put(place, [9]);
    expect(map(PAGE, place, FIXED)).toBe(place);
    expect(nacl.bytes(place, 1)[0]).toBe(0);
    // The break does not grow into what is mapped.
    expect(nacl.call("brk", place + 1)).toBe(HEAP.start);
    expect(nacl.call("brk", place)).toBe(place);
    const outside = [0, DATA, place - PAGE, place + 1, HEAP.end, 0xffff_0000];
    for (const address of outside) {
      expect(map(PAGE, address, FIXED) | 0).toBe(-ERRNO.EINVAL);
      expect(nacl.call("munmap", address, PAGE)).toBe(-ERRNO.EINVAL);
      expect(nacl.call("mprotect", address, PAGE, 1)).toBe(-ERRNO.EINVAL);
    }
    expect(map(0) | 0).toBe(-ERRNO.EINVAL);
    expect(map(HEAP.end) | 0).toBe(-ERRNO.ENOMEM);
    expect(map(0xffff_ffff) | 0).toBe(-ERRNO.ENOMEM);
    expect(map(PAGE, 0, 0x20) | 0).toBe(-ERRNO.EINVAL);
    expect(map(PAGE, 0, 0x23) | 0).toBe(-ERRNO.EINVAL);
    expect(map(PAGE, 0, 2) | 0).toBe(-ERRNO.ENODEV);
    expect(map(PAGE, 0, PRIVATE, 7) | 0).toBe(-ERRNO.EACCES);
  });

  test("is protected against the calls", () => {
    const place = map(2 * PAGE);
    expect(nacl.call("mprotect", place, PAGE, 1)).toBe(0);
    expect(nacl.call("read", 0, place, 1)).toBe(-ERRNO.EFAULT);
    expect(isReadable(place)).toBe(true);
    expect(nacl.call("mprotect", place, PAGE, 0)).toBe(0);
    expect(isReadable(place)).toBe(false);
    expect(isReadable(place + PAGE)).toBe(true);
    expect(nacl.call("write", 1, place + PAGE - 1, 2)).toBe(-ERRNO.EFAULT);
    expect(nacl.call("mprotect", place, PAGE, 5)).toBe(-ERRNO.EACCES);
    expect(nacl.call("mprotect", place - PAGE, PAGE, 1)).toBe(-ERRNO.EACCES);
  });
});

describe("time", () => {
  test("moves by a microsecond when it is looked at, and by what is slept", () => {
    expect(nacl.call("gettimeofday", RESULT)).toBe(0);
    const view = nacl.view(RESULT);
    expect([view.getBigInt64(0, true), view.getInt32(8, true)]).toEqual([100n, 0]);
    expect(nacl.bytes(RESULT + 16, 1)[0]).toBe(FILL);
    expect(nacl.call("clock")).toBe(1);
    nacl.putI64(BUFFER, 2n);
    nacl.putI64(BUFFER + 8, 500_000_000n);
    expect(nacl.call("nanosleep", BUFFER, 0)).toBe(0);
    for (const id of [0, 1, 2, 3]) expect(nacl.call("clock_gettime", id, RESULT)).toBe(0);
    expect([view.getBigInt64(0, true), view.getInt32(8, true)]).toEqual([102n, 500_005_000]);
    expect(nacl.call("clock_getres", 0, RESULT)).toBe(0);
    expect([view.getBigInt64(0, true), view.getInt32(8, true)]).toEqual([0n, 1000]);
    expect(nacl.call("clock")).toBe(2_500_006);
  });

  test("refuses clocks that there are not, times that are none, and bad pointers", () => {
    expect(nacl.call("clock_gettime", 4, RESULT)).toBe(-ERRNO.EINVAL);
    expect(nacl.call("clock_getres", 4, RESULT)).toBe(-ERRNO.EINVAL);
    for (const [seconds, parts] of [
      [-1n, 0n],
      [0n, 1_000_000_000n],
    ] as const) {
      nacl.putI64(BUFFER, seconds);
      nacl.putI64(BUFFER + 8, parts);
      expect(nacl.call("nanosleep", BUFFER, 0)).toBe(-ERRNO.EINVAL);
    }
    expect(nacl.call("nanosleep", 0, 0)).toBe(-ERRNO.EFAULT);
    for (const bad of [0, RODATA, 0xffff_fff8]) {
      expect(nacl.call("gettimeofday", bad)).toBe(-ERRNO.EFAULT);
      expect(nacl.call("clock_gettime", 0, bad)).toBe(-ERRNO.EFAULT);
      expect(nacl.call("clock_getres", 0, bad)).toBe(-ERRNO.EFAULT);
    }
    // A call that cannot tell the time does not move it.
    expect(nacl.call("clock")).toBe(0);
  });
});

describe("one thread", () => {
  test("has two words of its own", () => {
    expect(nacl.call("tls_get")).toBe(0);
    expect(nacl.call("tls_init", 0xff00_1230)).toBe(0);
    expect(nacl.call("tls_get") >>> 0).toBe(0xff00_1230);
    expect(nacl.call("second_tls_set", 77)).toBe(0);
    expect(nacl.call("second_tls_get")).toBe(77);
    expect(nacl.call("tls_get") >>> 0).toBe(0xff00_1230);
  });

  test("locks and unlocks; what would wait for ever is EDEADLK", () => {
    const mutex = nacl.call("mutex_create");
    expect(mutex).toBe(0x10_0000);
    expect(nacl.call("mutex_unlock", mutex)).toBe(-ERRNO.EPERM);
    expect(nacl.call("mutex_lock", mutex)).toBe(0);
    expect(nacl.call("mutex_lock", mutex)).toBe(-ERRNO.EDEADLK);
    expect(nacl.call("mutex_trylock", mutex)).toBe(-ERRNO.EBUSY);
    const condition = nacl.call("cond_create");
    expect(nacl.call("cond_signal", condition)).toBe(0);
    expect(nacl.call("cond_broadcast", condition)).toBe(0);
    expect(nacl.call("cond_wait", condition, mutex)).toBe(-ERRNO.EDEADLK);
    nacl.putI64(BUFFER, 103n);
    nacl.putI64(BUFFER + 8, 0n);
    expect(nacl.call("cond_timed_wait_abs", condition, mutex, BUFFER)).toBe(-ERRNO.ETIMEDOUT);
    expect(nacl.call("clock")).toBe(3_000_000);
    expect(nacl.call("cond_timed_wait_abs", condition, mutex, 0)).toBe(-ERRNO.EFAULT);
    expect(nacl.call("mutex_unlock", mutex)).toBe(0);
    expect(nacl.call("cond_wait", condition, mutex)).toBe(-ERRNO.EPERM);
    expect(nacl.call("mutex_lock", condition)).toBe(-ERRNO.EBADF);
    expect(nacl.call("cond_wait", mutex, mutex)).toBe(-ERRNO.EBADF);
    expect(nacl.call("close", mutex)).toBe(0);
    expect(nacl.call("mutex_trylock", mutex)).toBe(-ERRNO.EBADF);
    expect(nacl.call("close", mutex)).toBe(-ERRNO.EBADF);
    expect(nacl.call("mutex_create")).toBe(mutex);
  });

  test("counts semaphores, and looks at futexes", () => {
    const semaphore = nacl.call("sem_create", 1);
    expect(nacl.call("sem_get_value", semaphore)).toBe(1);
    expect(nacl.call("sem_wait", semaphore)).toBe(0);
    expect(nacl.call("sem_wait", semaphore)).toBe(-ERRNO.EDEADLK);
    expect(nacl.call("sem_post", semaphore)).toBe(0);
    expect(nacl.call("sem_post", nacl.call("sem_create", 0x7fff_ffff))).toBe(-ERRNO.EOVERFLOW);
    expect(nacl.call("sem_create", 0x8000_0000)).toBe(-ERRNO.EINVAL);
    for (const name of ["sem_wait", "sem_post", "sem_get_value", "cond_signal"] as const) {
      expect(nacl.call(name, 3)).toBe(-ERRNO.EBADF);
    }
    nacl.put(RESULT, [5, 0, 0, 0]);
    expect(nacl.call("futex_wait_abs", RESULT, 4, 0)).toBe(-ERRNO.EAGAIN);
    expect(nacl.call("futex_wait_abs", RESULT, 5, 0)).toBe(-ERRNO.EDEADLK);
    nacl.putI64(BUFFER, 1n);
    nacl.putI64(BUFFER + 8, 0n);
    expect(nacl.call("futex_wait_abs", RESULT, 5, BUFFER)).toBe(-ERRNO.ETIMEDOUT);
    expect(nacl.call("futex_wake", RESULT, 1)).toBe(0);
    expect(nacl.call("futex_wake", 0, 1)).toBe(-ERRNO.EFAULT);
    expect(nacl.call("futex_wait_abs", 0xffff, 1, 0)).toBe(-ERRNO.EFAULT);
  });

  test("has a limit on its objects", () => {
    for (let count = 0; count < 65_536; count++) nacl.call("mutex_create");
    expect(nacl.call("mutex_create")).toBe(-ERRNO.ENFILE);
    expect(nacl.call("sem_create", 1)).toBe(-ERRNO.ENFILE);
  });

  test("ends, and calls nothing afterwards", () => {
    expect(() => nacl.call("exit", 0xffff_fffb)).toThrow("exit -5");
    expect(() => nacl.call("getpid")).toThrow("exit -5");
    const other = new NaclTestGuest();
    expect(() => other.call("thread_exit", RESULT)).toThrow("exit 0");
    expect([...other.bytes(RESULT, 5)]).toEqual([0, 0, 0, 0, FILL]);
    const third = new NaclTestGuest();
    expect(third.call("thread_exit", RODATA)).toBe(-ERRNO.EFAULT);
    expect(() => third.call("thread_exit", 0)).toThrow("exit 0");
  });
});

describe("the rest", () => {
  test("answers what it knows", () => {
    expect(nacl.call("null")).toBe(0);
    expect(nacl.call("getpid")).toBe(1);
    expect(nacl.call("sched_yield")).toBe(0);
    expect(nacl.call("thread_nice", 1)).toBe(0);
    expect(nacl.call("sysconf", 2, RESULT)).toBe(0);
    expect(nacl.view(RESULT).getUint32(0, true)).toBe(PAGE);
    expect(nacl.call("sysconf", 9, RESULT)).toBe(-ERRNO.EINVAL);
    expect(nacl.call("sysconf", 1, RODATA)).toBe(-ERRNO.EFAULT);
    expect(nacl.call("get_random_bytes", RESULT, 8)).toBe(0);
    expect(nacl.string(RESULT, 8)).not.toBe("????????");
    expect(nacl.bytes(RESULT + 8, 1)[0]).toBe(FILL);
    expect(nacl.call("get_random_bytes", RODATA, 8)).toBe(-ERRNO.EFAULT);
    expect(nacl.call("get_random_bytes", RESULT, 0xffff_ffff)).toBe(-ERRNO.EFAULT);
    expect(nacl.guest.zrt.warnings).toEqual([]);
  });

  test("refuses calls by name, and numbers that are no call", () => {
    const refused = Object.entries(NACL_ANSWERS).flatMap(([name, answer]) => {
      return answer === REFUSED ? [name as NaclCallName] : [];
    });
    for (const name of refused) expect(nacl.call(name)).toBe(-ERRNO.ENOSYS);
    const [warning] = nacl.guest.zrt.warnings;
    expect(warning).toContain("nameservice, list_mappings, imc_makeboundsock");
    const other = new NaclTestGuest();
    for (const number of [3, 99, 2047, 3]) expect(other.number(number)).toBe(-ERRNO.ENOSYS);
    expect(other.guest.zrt.warnings).toEqual([
      "System calls that are not supported were refused: number 3, number 99, number 2047",
    ]);
  });

  test("is in the trace, words and answers", () => {
    const hashOf = (use: (guest: NaclTestGuest) => void): string => {
      const guest = new NaclTestGuest({ stdin: "abc" });
      use(guest);
      return guest.guest.trace.finish([]);
    };
    const reading = hashOf((it) => it.call("read", 0, BUFFER, 2));
    expect(hashOf((it) => it.call("read", 0, BUFFER, 2))).toBe(reading);
    expect(hashOf((it) => it.call("read", 0, BUFFER, 1))).not.toBe(reading);
    // The words of other registers are no part of the call.
    expect(hashOf((it) => it.call("read", 0, BUFFER, 2, 9))).toBe(reading);
    const closing = (fd: number) => hashOf((it) => it.call("close", fd));
    expect(closing(8)).not.toBe(closing(9));
    expect(hashOf((it) => it.number(3))).not.toBe(hashOf((it) => it.number(4)));
  });
});
