/** The side of a host: a process of the command line that is loaded, and waits for its command. */
import { closeSync, writeSync } from "node:fs";
import { resolve } from "node:path";
import { keepAhead, receiveCell } from "../cell/index.ts";
import {
  adoptStreams,
  loadPoll,
  POLL_IN,
  peerOf,
  pollAny,
  receiveMessage,
  type StreamFlags,
  sendMessage,
} from "../libc/index.ts";
import { buildOf } from "./build.ts";
import { Client } from "./client.ts";
import { isSameStanding, type Started, standingOf, startedWith } from "./judge-client.ts";
import { GO, HOST_WORD } from "./words.ts";

/** Where a host has the socket of its pool. */
export const POOL_FD = 3;

const STANDARD_COUNT = 3;
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
  const standing = standingOf("self");
  say(HOST_WORD.LOADED);
  const cell = receiveCell(POOL_FD);
  if (build === undefined || cell === undefined) return undefined;
  for (;;) {
    say(HOST_WORD.FREE);
    // A cell that speaks before its order is at its end.
    if (firstOf([POOL_FD, cell.control, cell.words]) !== POOL_FD) return undefined;
    const { sizeBytes, fds } = receiveMessage(POOL_FD, new Uint8Array(1));
    const [socket] = fds;
    if (sizeBytes === 0 || socket === undefined) return undefined;
    const client = meet(socket, build, standing);
    if (client !== undefined) {
      say(HOST_WORD.TAKEN);
      closeSync(POOL_FD);
      keepAhead(cell);
      return client;
    }
    closeSync(socket);
  }
}

/** The first of them to say something, or to end. */
function firstOf(fds: readonly number[]): number | undefined {
  for (;;) {
    const found = pollAny(fds);
    // Where the cell ended as well, the client is better off with another host.
    if (found.length > 0) return found.at(-1);
  }
}

function say(word: string): void {
  writeSync(POOL_FD, word);
}

/** @returns undefined where it has to run its command itself; nothing of it was taken then. */
function meet(socket: number, build: string, standing: readonly string[]): Client | undefined {
  try {
    const { pid, uid } = peerOf(socket);
    if (uid !== process.getuid?.() || pid === 0) return undefined;
    const started = startedWith(pid);
    if (started === undefined || !isSameStanding(standing, standingOf(pid))) return undefined;
    // By this name it is the very folder, also one that has none any more.
    process.chdir(`/proc/${pid}/cwd`);
    sendMessage(socket, Buffer.from(build, "latin1"), [], SEND_MS_MAX);
    const flags = receiveStreams(socket);
    if (flags !== undefined) {
      become(started);
      return new Client(socket, flags, started.ignored);
    }
  } catch {
    // It went away, or is not ours to look at.
  }
  process.chdir(NO_FOLDER);
  return undefined;
}

function receiveStreams(socket: number): StreamFlags | undefined {
  if (loadPoll()?.(socket, POLL_IN, GO_MS_MAX) !== true) return undefined;
  const bytes = new Uint8Array(1);
  const { sizeBytes, fds } = receiveMessage(socket, bytes);
  const isGo = sizeBytes === 1 && bytes[0] === GO.charCodeAt(0);
  if (isGo && fds.length === STANDARD_COUNT) return adoptStreams(fds);
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
