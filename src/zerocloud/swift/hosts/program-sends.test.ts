import { expect, it } from "vitest";
import { ProgramSends } from "./program-sends.ts";

const HOST = { ip: "10.0.0.1", port: 6200, device: "d1", region: 1, zone: 1, isHandoff: false };
const OTHER = { ...HOST, ip: "10.0.0.2" };

it("lets one send a program to a host, and others ask once more when that is done", async () => {
  const sends = new ProgramSends();
  const first = await sends.begin(HOST, "a", 0);
  expect(first).toBeDefined();
  const second = sends.begin(HOST, "a", 0);
  expect(await sends.begin(OTHER, "a", 0)).toBeDefined();
  expect(await sends.begin(HOST, "b", 0)).toBeDefined();
  first?.(true);
  expect(await second).toBeUndefined();
  // Who asked before it was sent, and heard only now.
  expect(await sends.begin(HOST, "a", 0)).toBeUndefined();
});

it("lets the next one send where the first could not", async () => {
  const sends = new ProgramSends();
  const first = await sends.begin(HOST, "a", 0);
  const second = sends.begin(HOST, "a", 0);
  first?.(false);
  expect(await second).toBeUndefined();
  expect(await sends.begin(HOST, "a", 1)).toBeDefined();
});

it("lets one send that has asked often enough", async () => {
  const sends = new ProgramSends();
  expect(await sends.begin(HOST, "a", 0)).toBeDefined();
  expect(await sends.begin(HOST, "a", 4)).toBeDefined();
});
