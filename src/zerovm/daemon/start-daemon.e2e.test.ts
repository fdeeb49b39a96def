import { existsSync, lstatSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import {
  asked,
  connected,
  daemonText,
  framed,
  heardFrom,
  linesOf,
} from "../../../test/support/daemon-client.ts";
import { forkingGuest } from "../../../test/support/forking-guest.ts";
import { childProcesses, openDescriptors, openedSince } from "../../../test/support/sessions.ts";
import { temporaryFolders } from "../../../test/support/temporary-folder.ts";
import { moduleOf } from "../../../test/support/wat.ts";
import { type Daemon, startDaemon } from "./start-daemon.ts";

const newFolder = temporaryFolders();
const daemons: Daemon[] = [];
afterEach(async () => {
  for (const daemon of daemons.splice(0)) await daemon.close();
  await expect.poll(childProcesses).toEqual([]);
});

const COPYING = "(call $before) (drop (call $zfork)) (call $copy)";

/** A folder with a guest, and manifests that run it. */
class Place {
  readonly folder = newFolder();
  readonly program = join(this.folder, "guest.wasm");
  readonly socket = join(this.folder, "job.socket");

  constructor(body = COPYING) {
    writeFileSync(this.program, forkingGuest(body));
  }

  /** Standard input and output are files of the folder where they are named. */
  text(input?: string, output?: string, lines: readonly string[] = []): string {
    const stdin = input === undefined ? "/dev/null" : join(this.folder, input);
    const stdout = output === undefined ? "/dev/null" : join(this.folder, output);
    return daemonText(
      this.program,
      {
        stdin: `${stdin}, /dev/stdin, 0, 0, 99, 9999, 0, 0`,
        stdout: `${stdout}, /dev/stdout, 0, 1, 0, 0, 99, 9999`,
      },
      lines,
    );
  }

  async start(output = "first", lines: readonly string[] = [], input?: string) {
    const text = this.text(input, output, [`Job = ${this.socket}`, ...lines]);
    const started = await startDaemon({ text, cells: 1, preallocate: false });
    if (started.daemon !== undefined) daemons.push(started.daemon);
    return started;
  }

  write(name: string, contents: string): void {
    writeFileSync(join(this.folder, name), contents);
  }

  read(name: string): string {
    return readFileSync(join(this.folder, name), "latin1");
  }
}

// Cells need Linux.
describe.runIf(process.platform === "linux")("a manifest with Job", () => {
  test("becomes a daemon at the point of its program, with a report of what was so far", async () => {
    const place = new Place();
    const { report, daemon } = await place.start();
    expect(report.classic).toEqual({
      validator: 0,
      daemon: 1,
      userCode: 0,
      exitCode: 0,
      state: "ok",
    });
    expect(report.channels[1]).toMatchObject({ alias: "/dev/stdout", puts: 1, putBytes: 7 });
    const { createHash } = await import("node:crypto");
    const hex = createHash("sha1").update("before ").digest("hex");
    expect(report.etags).toEqual([{ alias: "/dev/stdout", hex }]);
    expect(place.read("first")).toBe("before ");
    expect(daemon?.path).toBe(place.socket);
    expect(lstatSync(place.socket).mode & 0o777).toBe(0o600);
  });

  test("has no network channels: a wire to another session can be used once", async () => {
    const place = new Place();
    const line = "Channel = tcp:127.0.0.1:9, /dev/net, 0, 0, 0, 0, 9, 9";
    const { report, daemon } = await place.start("first", [line]);
    expect(daemon).toBeUndefined();
    expect(report.classic).toMatchObject({
      exitCode: 14,
      state: "cannot get socket for /dev/net",
    });
    expect(existsSync(join(place.folder, "first"))).toBe(false);
  });

  test("serves sessions that go on from there, each in the original's form", async () => {
    const place = new Place();
    await place.start();
    for (const word of ["one", "another"]) {
      place.write("in", word);
      const answer = await asked(place.socket, framed(place.text("in", word)));
      const [validator, daemon, code, etags, accounting, state, ...rest] = linesOf(answer);
      expect([validator, daemon, code, state, ...rest]).toEqual(["0", "0", "0", "ok", "", ""]);
      expect(etags).toMatch(/^\/dev\/stdout [0-9a-f]{40}$/);
      expect(accounting).toMatch(/^\d+\.\d\d \d+\.\d\d \d+ \d+ \d+ \d+ 0 0 0 0$/);
      // What was written before the point is another file's; the position stays.
      expect(place.read(word)).toBe(`${"\0".repeat(7)}${word}`);
    }
    expect(place.read("first")).toBe("before ");
  });

  test("takes its sessions' time from the request", async () => {
    const place = new Place("(drop (call $zfork)) (loop $again (br $again))");
    await place.start();
    const text = place.text().replace("Timeout = 10", "Timeout = 1");
    expect(linesOf(await asked(place.socket, framed(text)))[5]).toBe("session timeout");
  });

  test("gives each cell what the first one took in, though it is gone", async () => {
    const place = new Place(
      "(drop (call $read (i32.const 0) (i32.const 3))) (call $say (i32.const 1024) (i32.const 3)) " +
        "(drop (call $zfork)) (call $say (i32.const 1024) (i32.const 3)) ",
    );
    place.write("in", "abc");
    await place.start("first", [], "in");
    for (const name of ["one", "two"]) {
      const answer = await asked(place.socket, framed(place.text("in", name)));
      expect(linesOf(answer)[5]).toBe("ok");
      expect(place.read(name)).toBe("\0\0\0abc");
    }
    // A cell like the first one cannot be made any more.
    place.write("in", "something else");
    const answers = [];
    for (const name of ["three", "four"]) {
      answers.push(linesOf(await asked(place.socket, framed(place.text("in", name))))[5]);
    }
    expect(answers.at(-1)).toContain("A file that the program was prepared with has been changed");
  });

  test("is an ordinary session where its program comes to no point", async () => {
    const before = openDescriptors();
    const place = new Place("(call $before) (call $exit (i32.const 7))");
    const { report, daemon } = await place.start();
    expect(daemon).toBeUndefined();
    expect(report.outcome).toEqual({ kind: "exited", code: 7 });
    expect(report.classic.daemon).toBe(0);
    expect(place.read("first")).toBe("before ");
    expect(existsSync(place.socket)).toBe(false);
    await expect.poll(() => openedSince(before)).toEqual([]);
  });

  test("leaves nothing behind when it ends, and ends its sessions in order", async () => {
    const before = openDescriptors();
    const place = new Place("(drop (call $zfork)) (call $before) (loop $again (br $again))");
    const { daemon } = await place.start();
    const answer = asked(place.socket, framed(place.text(undefined, "running")));
    await expect.poll(() => existsSync(join(place.folder, "running"))).toBe(true);
    await daemon?.close();
    expect(linesOf(await answer)[5]).toBe("session interrupted");
    expect(existsSync(place.socket)).toBe(false);
    await expect.poll(childProcesses).toEqual([]);
    await expect.poll(() => openedSince(before)).toEqual([]);
  });
});

/** Writes its arguments and its environment, each with a NUL. */
const TELLING = moduleOf(`(module
  (import "wasi_snapshot_preview1" "fd_write"
    (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "args_sizes_get" (func $sizes (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "args_get" (func $args (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "environ_sizes_get" (func $counts (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "environ_get" (func $environ (param i32 i32) (result i32)))
  (memory (export "memory") 1)
  (func $write (param $size i32)
    (i32.store (i32.const 0) (i32.const 512))
    (i32.store (i32.const 4) (local.get $size))
    (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8))))
  (func (export "_start")
    (drop (call $sizes (i32.const 16) (i32.const 20)))
    (drop (call $args (i32.const 32) (i32.const 512)))
    (call $write (i32.load (i32.const 20)))
    (drop (call $counts (i32.const 16) (i32.const 20)))
    (drop (call $environ (i32.const 32) (i32.const 512)))
    (call $write (i32.load (i32.const 20)))))`);

/** Comes to its point, writes its environment, each with a NUL, and the file type of its input. */
const TELLING_BEHIND = moduleOf(`(module
  (import "zrt" "zfork" (func $zfork (result i32)))
  (import "wasi_snapshot_preview1" "fd_write"
    (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_filestat_get" (func $stat (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "environ_sizes_get" (func $counts (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "environ_get" (func $environ (param i32 i32) (result i32)))
  (memory (export "memory") 1)
  (func $write (param $at i32) (param $size i32)
    (i32.store (i32.const 0) (local.get $at))
    (i32.store (i32.const 4) (local.get $size))
    (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8))))
  (func $tell
    (drop (call $counts (i32.const 16) (i32.const 20)))
    (drop (call $environ (i32.const 32) (i32.const 512)))
    (call $write (i32.const 512) (i32.load (i32.const 20)))
    (drop (call $stat (i32.const 0) (i32.const 1024)))
    (i32.store8 (i32.const 1040) (i32.add (i32.const 48) (i32.load8_u (i32.const 1040))))
    (call $write (i32.const 1040) (i32.const 1)))
  (func (export "_start") (call $tell) (drop (call $zfork)) (call $tell)))`);

// Cells need Linux.
describe.runIf(process.platform === "linux")("the nvram of a session behind the point", () => {
  const FILE_TYPE = { character: 2, file: 4 };

  test("sets variables besides those that are there, and shows channels in another way", async () => {
    const place = new Place();
    writeFileSync(place.program, TELLING_BEHIND);
    const line = (name: string) =>
      `Channel = ${join(place.folder, name)}, /dev/nvram, 3, 0, 99, 9999, 0, 0`;
    place.write(
      "own",
      "[env]\nname=new, value=1\nname=kept, value=k\n" +
        "[mapping]\nchannel=/dev/stdin, mode=char\n",
    );
    await place.start("first", [line("own")]);
    const before = `new=1\0kept=k\0${FILE_TYPE.character}`;
    expect(place.read("first")).toBe(before);
    const behind = async (name: string, nvram: string): Promise<string> => {
      place.write(name, nvram);
      const text = place.text(undefined, `out-${name}`, [line(name)]);
      expect(linesOf(await asked(place.socket, framed(text)))[5]).toBe("ok");
      return place.read(`out-${name}`).slice(before.length);
    };
    const env = "[env]\nname=new, value=2\nname=more, value=m\n";
    expect(await behind("one", `${env}[mapping]\nchannel=/dev/stdin, mode=file\n`)).toBe(
      `new=2\0kept=k\0more=m\0${FILE_TYPE.file}`,
    );
    expect(await behind("two", "[args]\nargs=x\n")).toBe(before);
  });
});

// Cells need Linux.
describe.runIf(process.platform === "linux")("a manifest with Job whose nvram has precache", () => {
  test("waits before its program starts, which has the words of each session", async () => {
    const place = new Place();
    writeFileSync(place.program, TELLING);
    const line = (name: string) =>
      `Channel = ${join(place.folder, name)}, /dev/nvram, 3, 0, 99, 9999, 0, 0`;
    place.write("own", "[precache]\nprecache=yes\n[args]\nargs=first\n[env]\nname=A, value=1\n");
    const { report } = await place.start("first", [line("own")]);
    expect(report.classic.daemon).toBe(1);
    expect(place.read("first")).toBe("");
    for (const word of ["one", "two"]) {
      place.write(word, `[args]\nargs=${word} more\n[env]\nname=B, value=${word}\n`);
      const text = place.text(undefined, `out-${word}`, [line(word)]);
      expect(linesOf(await asked(place.socket, framed(text)))[5]).toBe("ok");
      expect(place.read(`out-${word}`)).toBe(`${word}\0more\0B=${word}\0`);
    }
  });

  test("is as without where there is no Job", async () => {
    const place = new Place();
    writeFileSync(place.program, TELLING);
    place.write("own", "[precache]\nprecache=yes\n[args]\nargs=first\n");
    const channel = `Channel = ${join(place.folder, "own")}, /dev/nvram, 3, 0, 99, 9999, 0, 0`;
    const { report, daemon } = await startDaemon({ text: place.text(undefined, "out", [channel]) });
    expect([report.outcome, daemon]).toEqual([{ kind: "exited", code: 0 }, undefined]);
    expect(place.read("out")).toBe("first\0");
  });
});

// Cells need Linux.
describe.runIf(process.platform === "linux")("a place where nobody can listen", () => {
  const refusal = (place: Place, problem: string) => ({
    report: {
      classic: { exitCode: 14, state: `cannot listen at ${place.socket}` },
      outcome: {
        findings: [
          {
            errorCode: "ZVM_DAEMON",
            message: `Cannot listen at ${place.socket}: ${problem}`,
            line: 5,
          },
        ],
      },
    },
  });

  test("is found before anything runs", async () => {
    const file = new Place();
    file.write("job.socket", "contents");
    const problem = "there is something that is no socket";
    expect(await file.start()).toMatchObject(refusal(file, problem));
    expect(file.read("job.socket")).toBe("contents");
    expect(existsSync(join(file.folder, "first"))).toBe(false);
    const folder = new Place();
    mkdirSync(folder.socket);
    expect(await folder.start()).toMatchObject(refusal(folder, problem));
  });

  test("is one where somebody listens; a daemon that was killed leaves a place", async () => {
    const place = new Place();
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(place.socket, resolve));
    const taken = refusal(place, "somebody listens there already");
    expect(await place.start()).toMatchObject(taken);
    await new Promise((resolve) => server.close(resolve));
    const { spawnSync } = await import("node:child_process");
    const script = `require("net").createServer().listen(process.argv[1], () => process.kill(process.pid, 9))`;
    spawnSync(process.execPath, ["-e", script, place.socket]);
    expect(lstatSync(place.socket).isSocket()).toBe(true);
    expect((await place.start()).report.classic.daemon).toBe(1);
  });

  test("is one that does not exist, or whose path is too long", async () => {
    const place = new Place();
    const missing = place.text(undefined, undefined, [`Job = ${place.folder}/no/where`]);
    expect((await startDaemon({ text: missing })).report.classic).toMatchObject({ exitCode: 14 });
    const long = place.text(undefined, undefined, [`Job=/${"a".repeat(107)}`]);
    expect((await startDaemon({ text: long })).report.outcome).toMatchObject({
      findings: [{ message: /1 to 107 bytes, not 108/ }],
    });
  });
});

// Cells need Linux.
describe.runIf(process.platform === "linux")("clients of a daemon", () => {
  test.each([
    ["no length", "GET / HTTP/1.1\r\n\r\n"],
    ["a negative length", "-0x00001text"],
    ["no manifest", framed("nothing of a manifest")],
    ["no text", "0x000000"],
    ["a manifest that is too long", `0xffffff${"#".repeat(600_000)}`],
  ])("that send %s are told nothing, and harm nobody", async (_, request) => {
    const place = new Place();
    await place.start();
    expect(await asked(place.socket, request)).toBe("");
    expect(linesOf(await asked(place.socket, framed(place.text())))[5]).toBe("ok");
  });

  test("that announce too much are answered when they fall silent, or hang up", async () => {
    const place = new Place();
    await place.start();
    const request = `0x1000\n\n${place.text()}`;
    expect(linesOf(await asked(place.socket, request))[5]).toBe("ok");
    const socket = await connected(place.socket);
    socket.end(request);
    expect(linesOf(await heardFrom(socket))[5]).toBe("ok");
  });

  test("that send their text in pieces are answered like others", async () => {
    const place = new Place();
    await place.start();
    const socket = await connected(place.socket);
    const request = framed(place.text());
    for (let at = 0; at < request.length; at += 40) {
      socket.write(request.slice(at, at + 40));
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(linesOf(await heardFrom(socket))[5]).toBe("ok");
  });

  test("that go away in the middle are missed by nobody", async () => {
    const place = new Place();
    await place.start();
    const request = framed(place.text(undefined, "late"));
    for (const part of ["", request.slice(0, 5), request.slice(0, 50), request]) {
      const socket = await connected(place.socket);
      if (part !== "") await new Promise((resolve) => socket.write(part, resolve));
      socket.destroy();
    }
    expect(linesOf(await asked(place.socket, framed(place.text())))[5]).toBe("ok");
    // Who asked for a session and went away has it all the same.
    await expect.poll(() => existsSync(join(place.folder, "late"))).toBe(true);
  });

  test("are all served, however many come at once, and the silent ones in nobody's way", async () => {
    const place = new Place();
    await place.start();
    const silent = await Promise.all(Array.from({ length: 30 }, () => connected(place.socket)));
    const names = Array.from({ length: 8 }, (_, index) => `out${index}`);
    place.write("in", "text");
    const answers = names.map((name) => asked(place.socket, framed(place.text("in", name))));
    for (const answer of await Promise.all(answers)) expect(linesOf(answer)[5]).toBe("ok");
    for (const name of names) expect(place.read(name)).toBe(`${"\0".repeat(7)}text`);
    for (const socket of silent) socket.destroy();
  });

  test("with other channels are refused, and touch no file", async () => {
    const place = new Place();
    await place.start();
    const text = place.text("in", "untouched");
    const wrong = async (from: string | RegExp, to: string) => {
      const lines = linesOf(await asked(place.socket, framed(text.replace(from, to))));
      return [lines[0], lines[1], lines[5]];
    };
    place.write("in", "");
    expect(await wrong("/dev/stderr", "/dev/stdlog")).toEqual([
      "0",
      "0",
      "difference in /dev/stderr",
    ]);
    expect(await wrong("/dev/stdin, 0", "/dev/stdin, 1")).toEqual([
      "0",
      "0",
      "difference in /dev/stdin",
    ]);
    expect(await wrong(/0, 0, 99, 9999\n/, "9, 9, 99, 9999\n")).toEqual([
      "0",
      "0",
      "difference in /dev/stdout",
    ]);
    const more = "Channel = /dev/null, /dev/more, 0, 0, 9, 9, 0, 0\nTimeout";
    expect(await wrong("Timeout", more)).toEqual(["0", "0", "difference in /dev/more"]);
    expect(await wrong("Timeout", "Fuel = 5\nTimeout")).toEqual(["0", "0", "fuel is not counted"]);
    expect(existsSync(join(place.folder, "untouched"))).toBe(false);
    expect(linesOf(await asked(place.socket, framed(text)))[5]).toBe("ok");
  });

  test("name a program and a memory in vain", async () => {
    const place = new Place();
    await place.start();
    const text = place.text().replace(place.program, "/dev/null").replace("33554432, 0", "1, 1");
    expect(linesOf(await asked(place.socket, framed(text))).slice(3)).toContain("ok");
  });

  test("have limits of fuel where the daemon counts it", async () => {
    const place = new Place("(drop (call $zfork)) (loop $again (br $again))");
    await place.start("first", ["Fuel = 1000000"]);
    const text = place.text(undefined, undefined, ["Fuel = 1000"]);
    expect(linesOf(await asked(place.socket, framed(text)))[5]).toBe("fuel used up");
    expect(linesOf(await asked(place.socket, framed(place.text())))[5]).toBe("fuel used up");
  });
});
