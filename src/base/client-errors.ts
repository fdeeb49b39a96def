import type { ErrorKind } from "./error-kind.ts";

/** Errors of applications and of clients of servers: rows of the table of codes. */
export const CLIENT_ERRORS = {
  ZVM_ZAPP: {
    meaning: "A zapp.yaml or a bundle has errors, or cannot be packed",
    remedy: "Each finding names its place; `zerovm check zapp.yaml` shows all of them",
    exitStatus: 125,
    httpStatus: 400,
  },
  ZVM_CLIENT_CREDENTIALS: {
    meaning: "Nobody said which server, and who asks",
    remedy: "Sign in with `zerovm login`, or set ST_AUTH, ST_USER and ST_KEY",
    exitStatus: 125,
    httpStatus: 401,
  },
  ZVM_CLIENT_CONNECTION: {
    meaning: "A server gave no answer, or only a part of one",
    remedy: "The message names the address and the reason; requests that may be are made again",
    exitStatus: 125,
    httpStatus: 502,
  },
  ZVM_CLIENT_DENIED: {
    meaning: "A server does not allow this user what was asked for",
    remedy: "Sign in again with `zerovm login`, or ask the owner of the container",
    exitStatus: 125,
    httpStatus: 403,
  },
  ZVM_CLIENT_NOT_FOUND: {
    meaning: "A server has no container, object or job of this name",
    remedy: "`zerovm ls` shows what there is",
    exitStatus: 125,
    httpStatus: 404,
  },
  ZVM_CLIENT_REFUSED: {
    meaning: "A server refused a request or failed at it",
    remedy: "The message has its status and words; its log has the transaction",
    exitStatus: 125,
    httpStatus: 502,
  },
  ZVM_CLIENT_ANSWER: {
    meaning: "The answer of a server is not of the form that it has to have",
    remedy: "See that the address is that of an object store with the API of Swift",
    exitStatus: 125,
    httpStatus: 502,
  },
  ZVM_CLIENT_CHANGED: {
    meaning: "A file was changed while it was sent, so that what arrived may be of two states",
    remedy: "Nothing of it is stored: send it again when nothing writes to it",
    exitStatus: 125,
    httpStatus: 409,
  },
  ZVM_CLIENT_ETAG: {
    meaning: "The bytes that were sent or received have another digest than the object",
    remedy: "Do it again: something between here and the store changed them",
    exitStatus: 125,
    httpStatus: 502,
  },
} as const satisfies Record<string, ErrorKind>;
