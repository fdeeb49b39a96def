import { CASE_GUEST, FAILING_GUEST, tellingGuest } from "../../../support/app-guests.ts";
import { EXCHANGING_GUEST, swappingGuest } from "../../../support/connected-guests.ts";
import {
  COPYING_GUEST,
  exitingGuest,
  guestOf,
  invalidCodeGuest,
  LOOPING_GUEST,
  showingGuest,
  writingGuest,
} from "../../../support/guests.ts";
import type { Answer } from "../../../support/http-client.ts";
import { type Asked, accountOf, type Side } from "./side.ts";

/** Programs lie where everybody may read them. */
export const BIN = "twin-bin";
export const PROGRAM_URL = `swift://AUTH_test/${BIN}/`;

/** Writes `out` to standard output and `err` to standard error. */
const TWO_STREAMS = guestOf(
  `(drop (call $write (i32.const 1) (i32.const 64) (i32.const 3)))
   (drop (call $write (i32.const 2) (i32.const 72) (i32.const 3)))`,
  `(data (i32.const 64) "out") (data (i32.const 72) "err")`,
);

/** Writes `part`, then does what a program may not. */
const FAULTING = guestOf(
  "(drop (call $write (i32.const 1) (i32.const 64) (i32.const 4))) (unreachable)",
  `(data (i32.const 64) "part")`,
);

/** The programs of all cases, by name. */
export const PROGRAMS: Readonly<Record<string, Uint8Array | string>> = {
  hello: writingGuest("hello"),
  warn: writingGuest("warned", 2),
  two: TWO_STREAMS,
  cat: COPYING_GUEST,
  case: CASE_GUEST,
  fail: FAILING_GUEST,
  faulting: FAULTING,
  loop: LOOPING_GUEST,
  exit: exitingGuest(7),
  invalid: invalidCodeGuest(),
  broken: "no program",
  nvram: showingGuest("dev/nvram"),
  "show-text": showingGuest("etc/text"),
  "show-script": showingGuest("script"),
  "show-script-device": showingGuest("dev/script"),
  exchange: EXCHANGING_GUEST,
  swap: swappingGuest(),
  tell: tellingGuest("Status: 201 Created\nContent-Type: text/told\nX-Own: 1\n\n"),
};

/** A group of a job. */
export interface Group {
  readonly name?: string;
  /** One of `PROGRAMS`, or a URL. */
  readonly program: string;
  readonly devices?: readonly unknown[];
  readonly args?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly more?: Readonly<Record<string, unknown>>;
}

export const STDIN = { name: "stdin" };
export const STDOUT = { name: "stdout" };
export const STDERR = { name: "stderr" };
export const CGI = { name: "stdout", content_type: "message/cgi" };

export function groupOf({ name = "n", program, devices = [STDOUT], args, env, more }: Group) {
  const path = program.includes("://") ? program : `${PROGRAM_URL}${program}`;
  return { name, exec: { path, args, env }, devices, ...more };
}

/** The text of a job. */
export function jobOf(...groups: readonly Group[]): string {
  return JSON.stringify(groups.map(groupOf));
}

export interface Posted extends Asked {
  /** Unless it is the account of who asks. */
  readonly path?: string;
  /** Unless it is that of JSON. */
  readonly type?: string;
}

/** Posts what has a job in it. */
export async function post(
  side: Side,
  status: number,
  body: string | Uint8Array | undefined,
  { path, type = "application/json", ...asked }: Posted = {},
): Promise<Answer> {
  const headers = {
    "X-Zerovm-Execute": "1.0",
    ...(type !== "" && { "Content-Type": type }),
    ...asked.headers,
  };
  const data = body === undefined ? {} : { body };
  const to = path ?? `/v1/${accountOf(asked.as)}`;
  return await side.ask(status, "POST", to, { ...asked, headers, ...data });
}

/** Posts a job of groups. */
export async function run(
  side: Side,
  status: number,
  groups: readonly Group[],
  posted: Posted = {},
): Promise<Answer> {
  return await post(side, status, jobOf(...groups), posted);
}

/** URL of an object in a container of the case. */
export function at(side: Side, name: string): string {
  return `swift://~/${side.name(name)}`;
}

/** What an object of the case is, asked by its owner. */
export async function read(side: Side, name: string, status = 200): Promise<Answer> {
  return await side.ask(status, "GET", `/v1/AUTH_test/${encodeURI(side.name(name))}`);
}

/** A case: what clients do, the same on both sides. */
export interface Case {
  readonly name: string;
  readonly run: (side: Side) => Promise<void>;
}

export function cases(table: Readonly<Record<string, Case["run"]>>): readonly Case[] {
  return Object.entries(table).map(([name, run]) => ({ name, run }));
}
