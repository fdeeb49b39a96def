/** Accounts whose programs are judged beside each other. */
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { assembledNexe } from "../../../test/support/assembled-nexe.ts";
import { JobServer } from "../../../test/support/job-server.ts";
import { writingNexe } from "../../../test/support/nexe-text.ts";
import { temporaryFolders } from "../../../test/support/temporary-folder.ts";
import type { ProgramTurn } from "../run/index.ts";
import { ProgramTurns } from "./program-turns.ts";

const newFolder = temporaryFolders();
const OUTPUT = 0x6b6f;
let server: JobServer;

beforeAll(async () => {
  // What an earlier run judged would be found again.
  vi.stubEnv("ZEROVM_CACHE", newFolder());
  server = await JobServer.start({ queuedPerAccount: 0 });
  for (const as of ["a", "b"]) await server.http.send("PUT", `/v1/${as}/c`, { as });
});

afterAll(async () => {
  await server.close();
  vi.unstubAllEnvs();
});

function slowNexe(count: number): Uint8Array {
  const lines = Array.from({ length: count }, (_, at) => `movl $${at}, %eax\nimull $3, %eax, %ecx`);
  return assembledNexe(writingNexe([...lines, `movl $${OUTPUT}, out(%rip)`].join("\n"), 2));
}

const SLOW = slowNexe(1500);

/** Programs that take a while to be judged, all different. */
function slowProgram(output: number): Uint8Array {
  const bytes = Buffer.from(SLOW);
  const written = Buffer.alloc(4);
  written.writeUInt32LE(OUTPUT);
  bytes.writeUInt16LE(output, bytes.indexOf(written));
  return bytes;
}

async function put(as: string, name: string, body: Uint8Array, asks = true) {
  const asked = asks ? { "X-Zerovm-Validate": "1" } : {};
  const headers = { "Content-Type": "application/x-nexe", ...asked };
  const answer = await server.http.send("PUT", `/v1/${as}/c/${name}`, { as, body, headers });
  return { ...answer, isValid: answer.headers["x-zerovm-valid"] === "true" };
}

/** The turn of an account, as long as one of its programs would have it. */
async function takenTurn(account: string): Promise<ProgramTurn> {
  const entering = vi.spyOn(ProgramTurns.prototype, "enter");
  await put(account, "first", slowProgram(300));
  const [turns] = entering.mock.contexts;
  entering.mockRestore();
  if (!(turns instanceof ProgramTurns)) throw new Error("a program that is new waits for its turn");
  return await turns.enter(account, new AbortController().signal);
}

test("who stores many slow programs keeps nobody else waiting, and is told to wait", async () => {
  const turn = await takenTurn("a");
  const flood = Array.from({ length: 4 }, async (_, at) => {
    const { status, isValid } = await put("a", `slow-${at}`, slowProgram(at));
    return [status, isValid];
  });
  const judge = (account: string) => server.jobs.prevalidation.hasRoom(account);
  await expect.poll(() => judge("a")).toBe(false);
  const other = await put("b", "other", slowProgram(200));
  expect([other.status, other.isValid]).toEqual([201, true]);
  const [unasked, refused] = [
    await put("a", "unasked", slowProgram(100), false),
    await put("a", "refused", slowProgram(101)),
  ];
  expect([unasked.status, unasked.isValid]).toEqual([201, false]);
  expect(refused.status).toBe(503);
  expect(refused.body).toContain("Too many programs of this account wait to be judged");
  expect(Number(refused.headers["retry-after"])).toBeGreaterThan(0);
  expect((await server.http.send("HEAD", "/v1/a/c/refused")).status).toBe(404);
  const job = await server.run([{ program: "c/unasked" }]);
  expect([job.status, Number(job.headers["retry-after"]) > 0]).toEqual([503, true]);
  turn.release();
  expect(await Promise.all(flood)).toEqual(Array(4).fill([201, true]));
});

test("what is judged when the server stops is stored, and told as not judged", async () => {
  const one = await JobServer.start();
  const body = slowNexe(6000);
  const headers = { "Content-Type": "application/x-nexe" };
  const storing = one.http.send("PUT", "/v1/a/c/slow", { body, headers });
  await expect.poll(async () => (await one.http.send("HEAD", "/v1/a/c/slow")).status).toBe(200);
  await one.executor.stop(0);
  const { status, headers: told } = await storing;
  expect([status, told["x-zerovm-validation"]]).toEqual([201, "not judged: the server stops"]);
  expect(one.records.filter(({ kind }) => kind === "failure")).toEqual([]);
  await one.close();
});
