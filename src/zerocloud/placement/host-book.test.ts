import { describe, expect, it } from "vitest";
import { hostNumber } from "../../../test/support/cluster-view.ts";
import { HostBook } from "./index.ts";

const [one, two] = [hostNumber(1), hostNumber(2)];

describe("HostBook", () => {
  it("counts what runs on a server, whatever its disk, until it ends", () => {
    const book = new HostBook(() => 0);
    const leave = book.enter(one, 10);
    book.enter({ ...one, device: "d2" }, 5);
    expect(book.loadOf(one)).toEqual({ sessions: 2, bytes: 15 });
    leave();
    leave();
    expect(book.loadOf(one)).toEqual({ sessions: 1, bytes: 5 });
    expect(book.loadOf(two)).toEqual({ sessions: 0, bytes: 0 });
  });

  it("leaves a host alone twice as long after each failure, a minute at most", () => {
    let nowMs = 0;
    const book = new HostBook(() => nowMs);
    const rests = Array.from({ length: 9 }, () => {
      book.failed(one);
      const restMs = book.outUntilMs(one) - nowMs;
      nowMs += restMs;
      expect(book.outUntilMs(one)).toBe(0);
      return restMs;
    });
    expect(rests).toEqual([1000, 2000, 4000, 8000, 16000, 32000, 60000, 60000, 60000]);
    book.succeeded(one);
    book.failed(one);
    expect(book.outUntilMs(one) - nowMs).toBe(1000);
    expect(book.outUntilMs(two)).toBe(0);
  });

  it("counts sessions that fail together once", () => {
    const book = new HostBook(() => 0);
    for (let at = 0; at < 100; at += 1) book.failed(one);
    expect(book.outUntilMs(one)).toBe(1000);
  });

  it("tells a disk that failed from its server", () => {
    const book = new HostBook(() => 0);
    book.failed(one, "device");
    expect(book.outUntilMs(one)).toBe(1000);
    expect(book.outUntilMs({ ...one, device: "d2" })).toBe(0);
    book.failed(one, "server");
    expect(book.outUntilMs({ ...one, device: "d2" })).toBe(1000);
  });
});
