import { existsSync, fstatSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { temporaryFolders } from "../../../test/support/temporary-folder.ts";
import { Cell, type CellEnd, type CellFate, startCell } from "../cell/index.ts";
import { Handovers } from "./handovers.ts";
import { lostCell } from "./make-report.ts";

const newFolder = temporaryFolders();

const HEAD = `
const fs = require("node:fs");
const send = (size, body = "") => {
  const head = Buffer.alloc(4);
  head.writeUInt32LE(size);
  fs.writeSync(3, Buffer.concat([head, Buffer.from(body)]));
};
const ready = 'r{"walls":[]}';
send(ready.length, ready);
`;

/** Ends itself, and leaves a process that is ready only then and says what it heard to the end. */
const UNBOUND = `
const fs = require("node:fs");
const own = process.pid;
const READY = '\\r\\0\\0\\0r{"walls":[]}';
if (process.argv[2] !== "inner") {
  const stdio = ["ignore", "ignore", 2, 3];
  const words = [__filename, "inner", String(own)];
  require("node:child_process").spawn(process.execPath, words, { stdio, detached: true });
  setTimeout(() => process.kill(own, "SIGKILL"), 100);
} else {
  while (process.ppid === Number(process.argv[3]));
  fs.writeSync(3, Buffer.from(READY));
  const heard = fs.readSync(3, Buffer.alloc(100));
  fs.writeFileSync(__dirname + "/heard", heard + " bytes");
}
`;

/** Runs a program that stands in for a cell, and says how it ended. */
async function endOf(body: string, onStart: () => void = () => undefined): Promise<CellEnd> {
  const program = join(newFolder(), "cell.cjs");
  writeFileSync(program, HEAD + body);
  const cell = startCell({
    order: "{}",
    handovers: [],
    answerBytesMax: 1000,
    onStart,
    launch: { program: [program], hasNamespaces: false },
  });
  return await cell.end;
}

describe("a cell that misbehaves", () => {
  test("with an answer of a lying size is killed at once", async () => {
    const end = await endOf("send(2 ** 32 - 1); setTimeout(() => {}, 60_000);");
    expect(end.signal).toBe("SIGKILL");
    expect(lostCell(end).message).toBe("The answer of the cell has 4294967295 bytes");
  });

  test("with bytes that are no text is killed", async () => {
    const end = await endOf("send(2, Buffer.from([0xff, 0xfe])); setTimeout(() => {}, 60_000);");
    expect(lostCell(end).message).toBe("The answer of the cell is no text");
  });

  test("that starts its guest twice is killed", async () => {
    let starts = 0;
    const end = await endOf('send(1, "s"); send(1, "s"); setTimeout(() => {}, 60_000);', () => {
      starts += 1;
    });
    expect(starts).toBe(1);
    expect(lostCell(end).message).toBe("The cell started twice");
  });

  test("whose process was ended before it was bound to it gets no order, and ends", async () => {
    const folder = newFolder();
    const program = join(folder, "cell.cjs");
    writeFileSync(program, UNBOUND);
    const cell = startCell({
      order: "{}",
      handovers: [],
      answerBytesMax: 1000,
      onStart: () => undefined,
      launch: { program: [program], hasNamespaces: false },
    });
    expect((await cell.end).signal).toBe("SIGKILL");
    const heard = (): string => readFileSync(join(folder, "heard"), "utf8");
    await expect.poll(() => existsSync(join(folder, "heard")), { timeout: 30_000 }).toBe(true);
    await expect.poll(heard).toBe("0 bytes");
  });

  test("that waits for a second order without being told to is killed", async () => {
    const end = await endOf('send(1, "s"); send(1, "w"); setTimeout(() => {}, 60_000);');
    expect(lostCell(end).message).toBe("The cell waits for a second order");
  });

  test.each([
    ["answers while it waits", 'send(1, "s"); send(1, "w"); send(3, "a{}");'],
    ["waits twice", 'send(1, "s"); send(1, "w"); send(1, "w");'],
    ["waits before it starts", 'send(1, "w");'],
  ])("that %s is killed", async (_, body) => {
    const program = join(newFolder(), "cell.cjs");
    writeFileSync(program, `${HEAD}${body} setTimeout(() => {}, 60_000);`);
    const fate = await new Promise<CellFate>((onFate) => {
      const ignore = (): void => undefined;
      const onLocked = (): void => cell.send({ text: "{}", blocks: [], fds: [] }, 1000);
      const listener = { onLocked, onWaiting: ignore, onStarted: ignore, onAnswer: ignore, onFate };
      const cell = new Cell(listener, { program: [program], hasNamespaces: false });
    });
    expect(fate.defect).toBe("The cell said what it may not say now");
  });

  test("that says more after its answer is heard once", async () => {
    // One that has ended before it is looked at gets no order: it waits for that.
    const order = "fs.readSync(3, Buffer.alloc(12));";
    const end = await endOf(`${order} send(3, "a{}"); send(3, "a[]"); process.exit(0);`);
    expect(end.answer).toBe("{}");
  });

  test("that stops within its answer is lost", async () => {
    const end = await endOf('send(100, "a{"); process.exit(0);');
    expect(end.answer).toBeUndefined();
    expect(lostCell(end)).toMatchObject({ cause: "cell", message: "The cell ended with status 0" });
  });

  test("that throws is quoted", async () => {
    const end = await endOf('throw new Error("a defect");');
    expect(lostCell(end).message).toBe("The cell ended with status 1: Error: a defect");
  });

  test("that was killed within its namespaces is no defect of unshare", async () => {
    const words = "unshare: sigprocmask unblock failed: Invalid argument";
    const end = await endOf(`process.stderr.write("${words}\\n"); process.exitCode = 1;`);
    expect(lostCell(end).message).toBe("The cell was killed, by hand or for want of memory");
  });

  test("that floods its standard error keeps only the end of it", async () => {
    const end = await endOf('process.stderr.write("x".repeat(1e6) + "\\nFatal error: last");');
    expect(end.lastWords.length).toBeLessThanOrEqual(8192);
    expect(lostCell(end).message).toContain("Fatal error: last");
  });

  test("that is killed is lost, and named", async () => {
    const killed = await endOf('process.kill(process.pid, "SIGSEGV"); setTimeout(() => {}, 9e4);');
    expect(lostCell(killed).message).toContain("by SIGSEGV");
    const ended = await endOf('process.kill(process.pid, "SIGTERM"); setTimeout(() => {}, 9e4);');
    expect(lostCell(ended)).toMatchObject({ cause: "interrupted" });
  });
});

test("a cell whose child holds its descriptors ends all the same", async () => {
  const end = await endOf(`
    const { spawn } = require("node:child_process");
    const child = spawn("sleep", ["30"], {
      detached: true,
      stdio: ["ignore", "ignore", "inherit", 3],
    });
    child.on("spawn", () => {
      const answer = 'a{"pid":' + child.pid + "}";
      send(answer.length, answer);
      process.exit(0);
    });`);
  const { pid } = JSON.parse(end.answer ?? "") as { readonly pid: number };
  // It was there, and kept what the cell had, until now.
  expect(process.kill(pid, "SIGKILL")).toBe(true);
  expect(end.defect).toBeUndefined();
});

test("an order that cannot be sent is lost, and nothing else happens", async () => {
  const onStart = (): void => undefined;
  const cell = startCell({ order: "{}", handovers: [1_000_000], answerBytesMax: 1000, onStart });
  const lost = lostCell(await cell.end);
  expect(lost).toMatchObject({ kind: "lost", cause: "host" });
  expect(lost.message).toMatch(/^Cannot send the order to a cell: .*EBADF/);
});

test("descriptors are closed even after one that cannot be", () => {
  const handovers = new Handovers();
  handovers.own(1_000_000);
  const fd = handovers.own(openSync("/dev/null", "r"));
  handovers.release();
  expect(() => fstatSync(fd)).toThrow("EBADF");
});
