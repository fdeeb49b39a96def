/** What the options of sessions have to be, for programs whose types nobody checked. */
import {
  countOf,
  type Fields,
  type Form,
  isObject,
  LIMITS,
  limitOf,
  listOf,
  NAME,
  optional,
  recordOf,
  SIGNAL,
  SWITCH,
  scalar,
  TEXT,
  TIMEOUT,
  tableOf,
  wordOf,
} from "../../base/index.ts";
import { NEXE_POLICIES } from "../../nacl/elf/index.ts";
import { CLOCK, FUEL, HASH, SEED } from "../manifest/index.ts";
import { POOL, POOL_FIELDS } from "../pool/index.ts";
import { TIERS } from "../report/index.ts";
import { RUNTIME_OPTIONS } from "../runtime/index.ts";
import type {
  FileGrant,
  FolderGrant,
  FreezeOptions,
  ImageGrant,
  RunOptions,
  SessionOptions,
} from "./options.ts";
import type { PreparedRunOptions, PrepareOptions, ProgramPoolOptions } from "./prepare-options.ts";
import { hasMethod, isWebReadable, isWebWritable } from "./web-streams.ts";

const FILE: Form = recordOf<FileGrant>({ path: NAME, alias: optional(TEXT) });

const FOLDER: Form = recordOf<FolderGrant>({
  host: NAME,
  guest: optional(TEXT),
  mode: wordOf(["ro", "cow", "rw"]),
});

const IMAGE: Form = recordOf<ImageGrant>({
  path: NAME,
  mountpoint: scalar("an absolute path", (value) => {
    return typeof value === "string" && /^\/[^\0\p{Surrogate}]*$/u.test(value);
  }),
  mode: wordOf(["ro", "cow", "export"]),
});

const INPUT: Form = scalar(
  '"inherit", "ignore", { text }, bytes, or a readable stream that nobody reads',
  (value) =>
    value === "inherit" ||
    value === "ignore" ||
    value instanceof Uint8Array ||
    isTextRecord(value) ||
    hasMethod(value, "pipe") ||
    isFree(value, isWebReadable),
);

const OUTPUTS: readonly unknown[] = ["inherit", "ignore", "collect"];

const OUTPUT: Form = scalar(
  `${OUTPUTS.join(", ")} or a writable stream that nobody writes`,
  (value) => OUTPUTS.includes(value) || isNodeWritable(value) || isFree(value, isWebWritable),
);

const ARGUMENTS: Form = listOf(TEXT, "a list of texts");

/** The largest number of a node. */
const NODE_MAX = 2 ** 31 - 1;

const COMMON = {
  program: NAME,
  args: optional(ARGUMENTS),
  env: optional(
    tableOf((name) => /^[^=\0\p{Surrogate}]+$/u.test(name), TEXT, "names without '=' and texts"),
  ),
  read: optional(listOf(FILE)),
  write: optional(listOf(FILE)),
  folders: optional(listOf(FOLDER)),
  images: optional(listOf(IMAGE)),
  channels: optional(listOf(TEXT)),
  node: optional(countOf("numbers", 1, NODE_MAX)),
  nameServer: optional(TEXT),
  keyFile: optional(NAME),
  timeoutSeconds: optional(TIMEOUT),
  fuel: optional(FUEL),
  memoryBytes: optional(limitOf("memory")),
  limits: optional(LIMITS),
  clock: optional(CLOCK),
  seed: optional(SEED),
  etag: optional(HASH),
  tier: optional(wordOf(TIERS)),
  policy: optional(wordOf(NEXE_POLICIES)),
  strictMemory: optional(SWITCH),
  signal: optional(SIGNAL),
  runtimes: optional(RUNTIME_OPTIONS),
};

const STREAMS: Fields<Pick<SessionOptions, "stdin" | "stdout" | "stderr">> = {
  stdin: optional(INPUT),
  stdout: optional(OUTPUT),
  stderr: optional(OUTPUT),
};

const OPTIONS = { expected: "an object of options" };

/** What `run` is given. */
export const RUN_OPTIONS: Form = recordOf<RunOptions>(
  {
    ...COMMON,
    ...STREAMS,
    interactive: optional(SWITCH),
    isolation: optional(wordOf(["full", "weak", "none"])),
    pool: optional(POOL),
    verify: optional(SWITCH),
    record: optional(NAME),
    dryRun: optional(SWITCH),
  },
  OPTIONS,
);

const { size, queueMax, idleSeconds, isolation } = POOL_FIELDS;

/** What `prepare` is given. */
export const PREPARE_OPTIONS: Form = recordOf<PrepareOptions>(
  { ...COMMON, size: optional(size), queueMax, idleSeconds, isolation },
  OPTIONS,
);

/** What `freeze` is given. */
export const FREEZE_OPTIONS: Form = recordOf<FreezeOptions>(
  {
    ...COMMON,
    ...STREAMS,
    isolation: optional(wordOf(["full", "weak", "none"])),
    output: NAME,
    initialiser: optional(TEXT),
  },
  OPTIONS,
);

/** What a pool for one program is given. */
export const PROGRAM_POOL_OPTIONS: Form = recordOf<ProgramPoolOptions>(
  {
    program: COMMON.program,
    memoryBytes: COMMON.memoryBytes,
    fuel: COMMON.fuel,
    limits: COMMON.limits,
    tier: COMMON.tier,
    runtimes: COMMON.runtimes,
    signal: COMMON.signal,
    size,
    queueMax,
    idleSeconds,
    isolation,
  },
  OPTIONS,
);

/** What a session of a prepared program is given. */
export const PREPARED_RUN_OPTIONS: Form = recordOf<PreparedRunOptions>(
  {
    ...STREAMS,
    args: optional(ARGUMENTS),
    read: optional(listOf(FILE)),
    write: optional(listOf(FILE)),
    timeoutSeconds: optional(TIMEOUT),
    etag: optional(HASH),
    signal: optional(SIGNAL),
  },
  OPTIONS,
);

function isTextRecord(value: unknown): boolean {
  if (!isObject(value)) return false;
  return typeof value["text"] === "string" && !/\p{Surrogate}/u.test(value["text"]);
}

function isNodeWritable(value: unknown): boolean {
  return hasMethod(value, "pipe") || hasMethod(value, "write");
}

function isFree(value: unknown, isWeb: (value: unknown) => value is { locked: boolean }): boolean {
  return isWeb(value) && !value.locked;
}
