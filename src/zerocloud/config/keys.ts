import { parsePools } from "../admission/index.ts";
import { JOB_LIMIT_TABLE } from "../job/index.ts";
import type { ConfigKeyKind } from "./key-kind.ts";

const KIB = 2 ** 10;
const MIB = 2 ** 20;
const GIB = 2 ** 30;
const DAY_SECONDS = 86_400;

function judgePools(text: string): string | undefined {
  const pools = parsePools(text);
  return "fault" in pools ? pools.fault : undefined;
}

/** Every value, in the order of the documents. The name before the dot is the group in the file. */
export const CONFIG_KEYS = {
  data: {
    form: "path",
    without: "it has to be named",
    meaning: "The data folder of the store; it is made where it is not there",
  },
  host: {
    form: "text",
    standard: "127.0.0.1",
    pattern: "^[A-Za-z0-9.:_-]{1,255}$",
    meaning: "The address to listen at; only this machine reaches the default",
  },
  port: {
    form: "whole",
    unit: "port",
    standard: 8080,
    minimum: 0,
    maximum: 65_535,
    meaning: "The TCP port to listen at; 0 is any that is free",
  },
  publicUrl: {
    form: "text",
    without: "the `Host` of each request",
    pattern: "^https?://[A-Za-z0-9.:_\\[\\]-]{1,300}$",
    meaning:
      "What clients reach the server by, where a proxy stands before it: `https://HOST[:PORT]`",
  },
  "auth.file": {
    form: "path",
    without: "one account, made at the first start",
    meaning: "The accounts file",
  },
  "auth.tokenSeconds": {
    form: "whole",
    unit: "seconds",
    standard: DAY_SECONDS,
    minimum: 60,
    maximum: 365 * DAY_SECONDS,
    meaning: "How long a token is good",
  },
  "limits.objectBytes": {
    form: "whole",
    unit: "bytes",
    standard: 5 * GIB + 2,
    minimum: 1,
    maximum: 2 ** 43,
    meaning: "The largest object that is taken in one piece",
  },
  "limits.headerBytes": {
    form: "whole",
    unit: "bytes",
    standard: 64 * KIB,
    minimum: 8 * KIB,
    maximum: MIB,
    meaning: "The head of a request: its first line and all its headers",
  },
  "limits.connections": {
    form: "whole",
    unit: "connections",
    standard: 1000,
    minimum: 1,
    maximum: 100_000,
    meaning: "Connections at a time; a request on a further one gets 503, twice as many are closed",
  },
  "limits.requestsPerAccount": {
    form: "whole",
    unit: "requests",
    standard: 500,
    minimum: 1,
    maximum: 100_000,
    meaning:
      "Requests of one account, or without a token of one address, under way; a further one gets 503",
  },
  "limits.headerSeconds": {
    form: "whole",
    unit: "seconds",
    standard: 60,
    minimum: 1,
    maximum: 3600,
    meaning: "How long the head of a request may take to arrive",
  },
  "limits.clientSeconds": {
    form: "whole",
    unit: "seconds",
    standard: 60,
    minimum: 1,
    maximum: DAY_SECONDS,
    meaning: "How long nothing may move of a body that is under way, in either direction",
  },
  "limits.idleSeconds": {
    form: "whole",
    unit: "seconds",
    standard: 5,
    minimum: 1,
    maximum: DAY_SECONDS,
    meaning: "How long a connection may wait for its next request",
  },
  "limits.graceSeconds": {
    form: "whole",
    unit: "seconds",
    standard: 30,
    minimum: 0,
    maximum: 3600,
    meaning: "How long requests may go on when the server is told to stop",
  },
  "jobs.timeoutSeconds": {
    form: "whole",
    unit: "seconds",
    standard: 10,
    minimum: 1,
    maximum: DAY_SECONDS,
    meaning: "Wall time of each session of a job",
  },
  "jobs.memoryBytes": {
    form: "whole",
    unit: "bytes",
    standard: 4 * GIB,
    minimum: 64 * KIB,
    maximum: 4 * GIB,
    meaning: "Memory of each guest",
  },
  "jobs.fuel": {
    form: "whole",
    unit: "units",
    without: "no limit",
    minimum: 1,
    maximum: Number.MAX_SAFE_INTEGER,
    meaning: "Work of each session, as `docs/reference/fuel.md` counts it",
  },
  "jobs.maxconfig": {
    form: "whole",
    unit: "bytes",
    standard: JOB_LIMIT_TABLE["job-bytes"].standard,
    minimum: KIB,
    maximum: JOB_LIMIT_TABLE["job-bytes"].maximum,
    meaning: "The text of a job",
  },
  "jobs.nodes": {
    form: "whole",
    unit: "instances",
    standard: JOB_LIMIT_TABLE.nodes.standard,
    minimum: 1,
    maximum: JOB_LIMIT_TABLE.nodes.maximum,
    meaning: "Nodes of a job, copies of `replicate` included",
  },
  "jobs.runningPerAccount": {
    form: "whole",
    unit: "sessions",
    standard: 100,
    minimum: 1,
    maximum: 10_000,
    meaning: "Sessions of one account that run at a time in each pool; further ones wait",
  },
  "jobs.queuedPerAccount": {
    form: "whole",
    unit: "sessions",
    standard: 100,
    minimum: 0,
    maximum: 100_000,
    meaning: "Sessions of one account that wait in each pool; its next job gets 503",
  },
  "jobs.pools": {
    form: "text",
    standard: "default = WaitPool(10, 3); cluster = PriorityPool(10, 100);",
    pattern: "^(\\s*\\w+\\s*=\\s*\\w+\\(\\s*\\d{1,6}\\s*,\\s*\\d{1,6}\\s*\\)\\s*(;|$))+\\s*$",
    judge: judgePools,
    meaning: "How many sessions run and wait: `NAME = CLASS(A, B); …`",
  },
  "jobs.warmCells": {
    form: "whole",
    unit: "cells",
    standard: 2,
    minimum: 0,
    maximum: 1000,
    meaning: "Cells that wait, started and warm, for the next session",
  },
  "jobs.broughtBytes": {
    form: "whole",
    unit: "bytes",
    standard: 4 * GIB,
    minimum: MIB,
    maximum: 2 ** 43,
    meaning:
      "In Swift, of a worker: all that is brought for one node from elsewhere, as inputs, its " +
      "program, images and the data of the request; one with more gets 413",
  },
  "jobs.broughtBytesPerWorker": {
    form: "whole",
    unit: "bytes",
    standard: 16 * GIB,
    minimum: MIB,
    maximum: 2 ** 43,
    meaning:
      "In Swift, of a worker: all that is brought for its nodes at a time, on the disk of `TMPDIR`; " +
      "a further node goes elsewhere or waits",
  },
  images: {
    form: "named-paths",
    standard: {},
    namePattern: "^[A-Za-z][A-Za-z0-9_.-]{0,63}$",
    meaning: "System images: the name that jobs have for each, and its tar archive",
  },
  "debug.targets": {
    form: "texts",
    standard: [],
    pattern: "^(tcp|udp):[A-Za-z0-9.\\[\\]:_-]{1,255}:[0-9]{1,5}$",
    meaning:
      "What the device `debug` of jobs may name: `tcp:HOST:PORT` or `udp:HOST:PORT`; nothing " +
      "reaches it, and such jobs are answered with 501",
  },
  "log.level": {
    form: "word",
    standard: "info",
    words: ["debug", "info", "warn", "error", "silent"],
    meaning: "What is logged: lines of this level and above",
  },
  "log.form": {
    form: "word",
    standard: "auto",
    words: ["auto", "json", "text"],
    meaning: "JSON lines, or text for people; `auto` is text on a terminal and JSON elsewhere",
  },
  metrics: {
    form: "switch",
    standard: true,
    meaning: "Whether `GET /metrics` answers",
  },
} as const satisfies Readonly<Record<string, ConfigKeyKind>>;

type Keys = typeof CONFIG_KEYS;
export type ConfigKey = keyof Keys;

type ValueOf<Kind> = Kind extends { readonly form: "whole" }
  ? number
  : Kind extends { readonly form: "switch" }
    ? boolean
    : Kind extends { readonly form: "word"; readonly words: readonly (infer Word)[] }
      ? Word
      : Kind extends { readonly form: "texts" }
        ? readonly string[]
        : Kind extends { readonly form: "named-paths" }
          ? Readonly<Record<string, string>>
          : string;

/** The whole configuration by its keys, paths absolute. */
export type ServerConfig = {
  readonly [Key in ConfigKey]:
    | ValueOf<Keys[Key]>
    | (Keys[Key] extends { readonly without: string } ? undefined : never);
};

export type ConfigValue = ServerConfig[ConfigKey];

export const CONFIG_KEY_NAMES = Object.keys(CONFIG_KEYS) as ConfigKey[];

const VARIABLE_PREFIX = "ZEROVM_SERVE_";

/** `ZEROVM_SERVE_LIMITS_OBJECT_BYTES` for `limits.objectBytes`. */
export function variableOf(key: ConfigKey): string {
  const words = key.replace(/[A-Z]/g, (letter) => `_${letter}`).replaceAll(".", "_");
  return VARIABLE_PREFIX + words.toUpperCase();
}

/** Whether a variable of the environment is meant for the configuration. */
export function isVariable(name: string): boolean {
  return name.startsWith(VARIABLE_PREFIX);
}

/** Keys that have a flag of `zerovm serve`. */
const FLAGS: Partial<Record<ConfigKey, string>> = {
  data: "data",
  host: "host",
  port: "port",
  "auth.file": "auth",
};

/** The flag of a key, without its dashes. */
export function flagOf(key: ConfigKey): string | undefined {
  return FLAGS[key];
}
