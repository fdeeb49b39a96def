/** The side of a host: a process of the command line that is loaded, and waits for its command. */
import { closeSync, openSync, writeSync } from "node:fs";
import { resolve } from "node:path";
import { keepAhead, receiveCell } from "../cell/index.ts";
import {
  acceptFrom,
  adoptStreams,
  duplicate,
  loadPoll,
  POLL_IN,
  peerOf,
  pollAny,
  receiveMessage,
  type StreamFlags,
  sendMessage,
  socketPair,
} from "../libc/index.ts";
import { buildOf } from "./build.ts";
import { Client } from "./client.ts";
import {
  isSameStanding,
  type Standing,
  type Started,
  standingOf,
  startedWith,
} from "./judge-client.ts";
import { makeToken, takeToken } from "./token.ts";
import { BUILD_BYTES_MAX, GIVEN_COUNT, HOST_WORD } from "./words.ts";

/** Where a host has the socket of its pool. */
export const POOL_FD = 3;

const STANDARD_FDS = [0, 1, 2];
const REHEARSALS = 12;
/** A client that says nothing for so long is none of ours. */
const HELLO_MS_MAX = 1000;
const SEND_MS_MAX = 200;
/** The folder of a host that waits, so that it keeps none of others busy. */
const NO_FOLDER = "/";

/**
 * Waits until a client has given its command to this process, which then is in its folder, with its
 * environment, arguments and streams, and with a cell for its session.
 * @returns undefined when there is nothing to wait for any more
 */
export function awaitClient(): Client | undefined {
  const build = buildOf();
  if (build === undefined) return undefined;
  const host: Host = { build, standing: standingOf("self") };
  rehearse(host);
  say(HOST_WORD.LOADED);
  const cell = receiveCell(POOL_FD);
  if (cell === undefined) return undefined;
  say(HOST_WORD.FREE);
  const taken = takeClient(host, [cell.control, cell.words]);
  if (taken === undefined) return undefined;
  say(HOST_WORD.TAKEN);
  closeSync(POOL_FD);
  keepAhead(cell);
  // The cell goes when its last connection does, which is after the client.
  duplicate(cell.control);
  return new Client(taken.socket, taken.flags, taken.started.ignored);
}

interface Host {
  readonly build: string;
  readonly standing: Standing;
}

/** A client whose streams are those of this process by now. */
interface Taken {
  readonly socket: number;
  readonly flags: StreamFlags;
  readonly started: Started;
}

/**
 * Waits for a client at the door, once the pool has shown one.
 * @param cell what the cell speaks through: before its order that is its end
 */
function takeClient(host: Host, cell: readonly number[]): Taken | undefined {
  const takeAt = (door: number): Taken | undefined => {
    const socket = acceptFrom(door);
    const taken = socket === undefined ? undefined : meet(socket, host);
    if (taken !== undefined) closeSync(door);
    return taken;
  };
  let door: number | undefined;
  for (;;) {
    const from = firstOf([...cell, POOL_FD, ...(door === undefined ? [] : [door])]);
    if (from === POOL_FD && door === undefined) {
      door = receiveMessage(POOL_FD, new Uint8Array(1)).fds[0];
      if (door === undefined) return undefined;
    } else if (from === door && door !== undefined) {
      const taken = takeAt(door);
      if (taken !== undefined) return taken;
    } else return undefined;
  }
}

/** Engine code that was used is fast: a few clients of our own, who are this very process. */
function rehearse(host: Host): void {
  for (let turn = 0; turn < REHEARSALS; turn += 1) {
    const [ours, theirs] = socketPair();
    const fds = [...STANDARD_FDS.map(() => openSync("/dev/null", "r+")), makeToken()];
    sendMessage(theirs, Buffer.from(host.build, "latin1"), fds, SEND_MS_MAX);
    const taken = meet(ours, host);
    if (taken !== undefined) {
      new Client(taken.socket, taken.flags, taken.started.ignored).forget();
      // Before the other end, whose closing would be news.
      closeSync(ours);
    }
    for (const fd of [...fds, theirs]) closeSync(fd);
  }
}

/** The first of them to say something, or to end. */
function firstOf(fds: readonly number[]): number | undefined {
  for (;;) {
    const found = pollAny(fds);
    if (found.length > 0) return found[0];
  }
}

function say(word: string): void {
  writeSync(POOL_FD, word);
}

/** @returns undefined where it has to run its command itself; nothing of it was taken then. */
function meet(socket: number, { build, standing }: Host): Taken | undefined {
  let fds: readonly number[] = [];
  try {
    const { pid, uid } = peerOf(socket);
    // Looked at while it prepares what it says.
    const started = uid === process.getuid?.() ? judged(pid, standing) : undefined;
    if (started !== undefined && loadPoll()?.(socket, POLL_IN, HELLO_MS_MAX) === true) {
      const bytes = new Uint8Array(BUILD_BYTES_MAX);
      const received = receiveMessage(socket, bytes);
      fds = received.fds;
      const said = Buffer.from(bytes.subarray(0, received.sizeBytes)).toString("latin1");
      const [token = -1] = fds.slice(STANDARD_FDS.length);
      const isWhole = said === build && fds.length === GIVEN_COUNT;
      if (isWhole && takeToken(token)) {
        closeSync(token);
        become(started);
        return { socket, started, flags: adoptStreams(fds.slice(0, STANDARD_FDS.length)) };
      }
    }
  } catch {
    // It went away, or is not ours to look at.
  }
  for (const fd of [...fds, socket]) closeSync(fd);
  process.chdir(NO_FOLDER);
  return undefined;
}

/** @returns undefined where the command could be different here */
function judged(pid: number, standing: Standing): Started | undefined {
  if (pid <= 0 || !isSameStanding(standing, standingOf(pid))) return undefined;
  const started = startedWith(pid);
  // By this name it is the very folder, also one that has none any more.
  if (started !== undefined) process.chdir(`/proc/${pid}/cwd`);
  return started;
}

function become({ argv, script, environment, umask }: Started): void {
  process.umask(umask);
  process.argv.splice(1, process.argv.length, resolve(script), ...argv);
  for (const name of Object.keys(process.env)) {
    if (!environment.has(name)) Reflect.deleteProperty(process.env, name);
  }
  for (const [name, value] of environment) {
    if (process.env[name] !== value) process.env[name] = value;
  }
}
