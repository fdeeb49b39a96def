import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { type Daemon, startDaemon } from "../../src/zerovm/daemon/index.ts";
import {
  freeze,
  type PreparedProgram,
  type PrepareOptions,
  prepare,
} from "../../src/zerovm/run/index.ts";
import { assembledNexe } from "../support/assembled-nexe.ts";
import { asked, daemonText, framed, linesOf } from "../support/daemon-client.ts";
import { COPYING, forking, LATER, SUM } from "../support/forking-nexe.ts";
import { runNexe } from "../support/nexe-session.ts";
import { childProcesses } from "../support/sessions.ts";
import { temporaryFolders } from "../support/temporary-folder.ts";

const newFolder = temporaryFolders();
const closing: (Daemon | PreparedProgram)[] = [];
afterEach(async () => {
  for (const open of closing.splice(0)) await open.close();
  await expect.poll(childProcesses, { timeout: 10_000 }).toEqual([]);
});

function written(text: string): string {
  const path = join(newFolder(), "guest.nexe");
  writeFileSync(path, assembledNexe(text));
  return path;
}

async function frozen(text: string): Promise<string> {
  const output = join(newFolder(), "guest.frozen");
  await freeze({ program: written(text), output, memoryBytes: 2 ** 26 });
  return output;
}

async function prepared(options: PrepareOptions): Promise<PreparedProgram> {
  const program = await prepare(options);
  closing.push(program);
  return program;
}

describe("a nexe that calls Fork", () => {
  test("goes on where nobody prepares", async () => {
    const { report } = await runNexe(newFolder(), COPYING);
    expect(report.outcome).toEqual({ kind: "exited", code: SUM });
  });

  // Cells need Linux.
  describe.runIf(process.platform === "linux")("in a cell", () => {
    test.each([
      ["with registers, stack and memory as they were", COPYING, SUM],
      ["and comes to code that was not translated", LATER, SUM + 1100],
    ])("waits there for sessions, %s", async (_, text, code) => {
      const program = await prepared({ program: written(text), memoryBytes: 2 ** 26, size: 2 });
      const inputs = ["one", "another", "a third"];
      const results = await Promise.all(
        inputs.map((input) => program.run({ stdin: { text: input } })),
      );
      for (const [index, { report, stdout, stderr }] of results.entries()) {
        expect(report.outcome).toEqual({ kind: "exited", code });
        expect(new TextDecoder().decode(stdout)).toBe(inputs[index]);
        // What was said before the point belongs to no session.
        expect(stderr).toHaveLength(0);
      }
    });

    test("is prepared by the rules that were asked for", async () => {
      const text = forking("rdtsc", "movl %eax, 0x20000(%r15)");
      const path = written(text);
      const asked: PrepareOptions = { program: path, memoryBytes: 2 ** 26 };
      await expect(prepare(asked)).rejects.toThrow(/unrecognized instruction/);
      const free = await prepared({ ...asked, policy: "nacl" });
      expect((await free.run()).report.outcome.kind).toBe("exited");
      const strict = await prepared({ ...asked, policy: "nacl", strictMemory: true });
      expect((await strict.run()).report.outcome).toMatchObject({ fault: "memory-bounds" });
    });

    test.each([
      ["COPYING", written, COPYING, SUM, "before fork()\n"],
      ["LATER, which needs its translator", written, LATER, SUM + 1100, "before fork()\n"],
      ["an image of COPYING", frozen, COPYING, SUM, ""],
      ["an image of LATER", frozen, LATER, SUM + 1100, ""],
    ])(
      "is a daemon's, which serves as the original did: %s",
      async (_, made, source, sum, said) => {
        const folder = newFolder();
        const socket = join(folder, "job.socket");
        const program = await made(source);
        const text = (name: string, lines: readonly string[] = []): string => {
          const [input, output, errors] = ["in", "out", "err"].map(
            (end) => `${folder}/${name}.${end}`,
          );
          writeFileSync(`${folder}/${name}.in`, `line of ${name}`);
          const channels = {
            stdin: `${input}, /dev/stdin, 0, 0, 99, 9999, 0, 0`,
            stdout: `${output}, /dev/stdout, 0, 0, 0, 0, 99, 9999`,
            stderr: `${errors}, /dev/stderr, 0, 0, 0, 0, 99, 9999`,
          };
          return daemonText(program, channels, lines).replace("33554432, 0", "67108864, 1");
        };
        const read = (name: string): string => readFileSync(join(folder, name), "latin1");
        const started = await startDaemon({
          text: text("first", [`Job = ${socket}`]),
          cells: 1,
          preallocate: false,
        });
        if (started.daemon !== undefined) closing.push(started.daemon);
        const { classic } = started.report;
        expect(classic).toMatchObject({ daemon: 1, exitCode: 0, userCode: 0, state: "ok" });
        expect([read("first.err"), read("first.out")]).toEqual([said, ""]);
        const etags = new Set<string | undefined>();
        for (const name of ["one", "two", "three"]) {
          const answer = await asked(socket, framed(text(name)));
          const [validator, daemon, code, etag, , state] = linesOf(answer);
          expect([validator, daemon, code, state]).toEqual(["0", "0", `${sum}`, "ok"]);
          etags.add(etag);
          expect(read(`${name}.out`)).toBe(`line of ${name}`);
          expect(read(`${name}.err`)).toBe("");
        }
        // All have the same memory, but for what they read.
        expect(etags.size).toBe(3);
        for (const etag of etags) expect(etag).toMatch(/^\/dev\/memory [0-9a-f]{40}$/);
      },
    );
  });
});
