import { CLIENT_ERRORS } from "./client-errors.ts";
import type { ErrorKind } from "./error-kind.ts";
import { HTTP_ERRORS } from "./http-errors.ts";
import { STORE_ERRORS } from "./store-errors.ts";

/**
 * Every error that a user or a client can see. The code is stable; the message is not. From this
 * table come the documentation (`docs/reference/errors.md`), the exit status and the HTTP status.
 */
export const ERROR_TABLE = {
  ZVM_USAGE: {
    meaning: "The command line cannot be understood",
    remedy: "See the help of the command, `zerovm COMMAND --help`",
    exitStatus: 125,
    httpStatus: 400,
  },
  ZVM_MANIFEST: {
    meaning: "The manifest has errors",
    remedy: "Each finding names its line and column; `zerovm check FILE` shows them all",
    exitStatus: 125,
    httpStatus: 400,
  },
  ZVM_MANIFEST_UNWRITABLE: {
    meaning: "The session cannot be written down as a manifest",
    remedy: "The text form holds no `,` `;` `:` `=` in paths, and 10,240 bytes of arguments",
    exitStatus: 125,
    httpStatus: 400,
  },
  ZVM_NVRAM: {
    meaning: "The nvram configuration has errors",
    remedy: "Each finding names its line; `zerovm check --kind nvram FILE` shows them all",
    exitStatus: 125,
    httpStatus: 400,
  },
  ZVM_FILE: {
    meaning: "A file of the host cannot be read or written",
    remedy: "The message names the file and the reason of the host",
    exitStatus: 125,
    httpStatus: 500,
  },
  ZVM_DISK_FULL: {
    meaning: "The disk for temporary files is full",
    remedy: "Make room on the disk of `TMPDIR`, or name a folder on another one by it",
    exitStatus: 125,
    httpStatus: 507,
  },
  ZVM_CHANNEL: {
    meaning: "A channel cannot be opened as it was declared",
    remedy: "The message names the channel, its source and what it may be",
    exitStatus: 125,
    httpStatus: 400,
  },
  ZVM_CHANNEL_NETWORK: {
    meaning: "A network channel cannot be connected, or its key cannot be used",
    remedy: "The message names the channel, the other end and the reason",
    exitStatus: 125,
    httpStatus: 502,
  },
  ZVM_ALIAS_CLASH: {
    meaning: "Two channels have the same alias",
    remedy: "Give one of them another name with `=ALIAS`",
    exitStatus: 125,
    httpStatus: 400,
  },
  ZVM_TAR: {
    meaning: "A tar archive is malformed, hostile or of an unsupported form",
    remedy: "The message names the archive, the offset and the member",
    exitStatus: 125,
    httpStatus: 400,
  },
  ZVM_EXPORT: {
    meaning: "What the session left could not be written to its export",
    remedy: "The message names the image and the reason",
    exitStatus: 125,
    httpStatus: 500,
  },
  ZVM_PROGRAM_NOT_FOUND: {
    meaning: "There is no such program",
    remedy: "Name a file, or a runtime of `zerovm runtime ls`",
    exitStatus: 127,
    httpStatus: 404,
  },
  ZVM_PROGRAM_REFUSED: {
    meaning: "The program cannot run in the sandbox",
    remedy: "Each finding names the import or feature and what to do about it",
    exitStatus: 126,
    httpStatus: 422,
  },
  ZVM_RUNTIME: {
    meaning: "A runtime cannot be found, fetched or trusted",
    remedy: "The message names the package and file; `zerovm runtime ls` shows the table",
    exitStatus: 125,
    httpStatus: 500,
  },
  ZVM_COMPILE: {
    meaning: "C could not be compiled to a program",
    remedy: "The message says what to install, or what a nexe cannot have",
    exitStatus: 125,
    httpStatus: 422,
  },
  ZVM_LIMIT: {
    meaning: "A limit has a wrong name or value",
    remedy: "See the table of limits in `docs/reference/limits.md`",
    exitStatus: 125,
    httpStatus: 400,
  },
  ZVM_ISOLATION: {
    meaning: "A wall that always has to stand cannot be built on this system",
    remedy:
      "`zerovm doctor` shows what is missing; `--isolation=weak` runs without, for programs that you trust",
    exitStatus: 125,
    httpStatus: 500,
  },
  ZVM_POOL: {
    meaning: "A pool has no cell to give",
    remedy:
      "Try again later, with a larger pool or a shorter queue; the message says what is short",
    exitStatus: 125,
    httpStatus: 503,
  },
  ZVM_DAEMON: {
    meaning: "A daemon cannot listen, or a session cannot go on with its program",
    remedy: "The message names the socket, or the channel that is another one than at its start",
    exitStatus: 125,
    httpStatus: 400,
  },
  ZVM_NAMES: {
    meaning: "A name server cannot listen",
    remedy: "The message names address and port; `--port 0` takes any free port",
    exitStatus: 125,
    httpStatus: 500,
  },
  ZVM_FREEZE: {
    meaning: "A program cannot be frozen",
    remedy: "The message says what of its state no image can hold, or what it lacks",
    exitStatus: 125,
    httpStatus: 422,
  },
  ZVM_VERIFY: {
    meaning: "Two runs of a session differ, or cannot be compared",
    remedy:
      "The message shows the first difference, or names the option that makes runs differ; " +
      "`docs/determinism.md` lists what can",
    exitStatus: 125,
    httpStatus: 409,
  },
  ZVM_RECORD: {
    meaning: "A session cannot be recorded, or a record cannot be replayed",
    remedy: "The message names the record, and what is wrong or too large",
    exitStatus: 125,
    httpStatus: 400,
  },
  ...STORE_ERRORS,
  ZVM_GRAPH_SIZE: {
    meaning: "A plan has more boxes or arrows than a picture can hold",
    remedy: "Plan over fewer objects, or take `--graph mermaid`, `--json` or the table",
    exitStatus: 125,
    httpStatus: 413,
  },
  ZVM_AUTH: {
    meaning: "The accounts file of the server has errors",
    remedy: "Each finding names its line; `docs/reference/server.md` describes the file",
    exitStatus: 125,
    httpStatus: 500,
  },
  ZVM_JOB_BUSY: {
    meaning: "The server takes no new job now",
    remedy: "Try again after the time that `Retry-After` says",
    exitStatus: 125,
    httpStatus: 503,
  },
  ZVM_JOB_SLOTS: {
    meaning: "A job has more connected nodes than can run at the same time",
    remedy: "Use fewer nodes, or have the server give its pool more slots",
    exitStatus: 125,
    httpStatus: 413,
  },
  ZVM_SWIFT_WIRE: {
    meaning: "Coordinator, filters and workers do not understand each other",
    remedy: "They have to be of the same version; the log of the other side says more",
    exitStatus: 125,
    httpStatus: 502,
  },
  ZVM_SWIFT_SETUP: {
    meaning: "A coordinator or worker cannot begin as it was told",
    remedy: "The message names the flag, file or socket; `docs/guide/swift.md` says what there is",
    exitStatus: 125,
    httpStatus: 500,
  },
  ...HTTP_ERRORS,
  ...CLIENT_ERRORS,
  ZVM_ORDER: {
    meaning: "An order or the answer of a cell is malformed",
    remedy: "This is a defect of ours or a cell that was taken over: report it",
    exitStatus: 125,
    httpStatus: 500,
  },
} as const satisfies Record<string, ErrorKind>;

export type ErrorCode = keyof typeof ERROR_TABLE;
