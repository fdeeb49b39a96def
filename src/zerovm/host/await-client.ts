/** The side of a host: a process of the command line that is loaded, and waits for its command. */
import { closeSync, openSync, writeSync } from "node:fs";
import { resolve } from "node:path";
import { keepAhead, receiveCell } from "../cell/index.ts";
import {
  acceptFrom,
  adoptStreams,
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
import { GO, HOST_WORD } from "./words.ts";

/** Where a host has the socket of its pool. */
export const POOL_FD = 3;

const STANDARD_FDS = [0, 1, 2];
const REHEARSALS = 12;
/** A client that says nothing for so long is none of ours. */
const GO_MS_MAX = 1000;
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
    const fds = STANDARD_FDS.map(() => openSync("/dev/null", "r+"));
    sendMessage(theirs, Buffer.from(GO), fds, SEND_MS_MAX);
    const taken = meet(ours, host);
    for (const fd of [...fds, theirs]) closeSync(fd);
    if (taken !== undefined) closeSync(ours);
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
  try {
    const { pid, uid } = peerOf(socket);
    const started = uid === process.getuid?.() && pid > 0 ? startedWith(pid) : undefined;
    if (started !== undefined && isSameStanding(standing, standingOf(pid))) {
      // By this name it is the very folder, also one that has none any more.
      process.chdir(`/proc/${pid}/cwd`);
      sendMessage(socket, Buffer.from(build, "latin1"), [], SEND_MS_MAX);
      const flags = receiveStreams(socket);
      if (flags !== undefined) {
        become(started);
        return { socket, flags, started };
      }
    }
  } catch {
    // It went away, or is not ours to look at.
  }
  closeSync(socket);
  process.chdir(NO_FOLDER);
  return undefined;
}

function receiveStreams(socket: number): StreamFlags | undefined {
  if (loadPoll()?.(socket, POLL_IN, GO_MS_MAX) !== true) return undefined;
  const bytes = new Uint8Array(1);
  const { sizeBytes, fds } = receiveMessage(socket, bytes);
  const isGo = sizeBytes === 1 && bytes[0] === GO.charCodeAt(0);
  if (isGo && fds.length === STANDARD_FDS.length) return adoptStreams(fds);
  for (const fd of fds) closeSync(fd);
  return undefined;
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
