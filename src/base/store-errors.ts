import type { ErrorKind } from "./error-kind.ts";

/** Rows of the error table for what stores of objects say. */
export const STORE_ERRORS = {
  ZVM_STORE_NAME: {
    meaning: "A name of an account, container or object is empty, too long or has a slash",
    remedy: "Accounts and containers have 256 bytes and no `/`, objects 1,024 bytes",
    exitStatus: 125,
    httpStatus: 400,
  },
  ZVM_STORE_TEXT: {
    meaning: "A name is no well-formed UTF-8, or has a zero byte",
    remedy: "Name it otherwise",
    exitStatus: 125,
    httpStatus: 412,
  },
  ZVM_STORE_METADATA: {
    meaning: "Metadata has too many, too long or malformed items",
    remedy: "The message names the item and the limit",
    exitStatus: 125,
    httpStatus: 400,
  },
  ZVM_STORE_NOT_FOUND: {
    meaning: "There is no such account, container or object",
    remedy: "The message names what is missing; accounts and containers are created first",
    exitStatus: 125,
    httpStatus: 404,
  },
  ZVM_STORE_DENIED: {
    meaning: "Whoever sent the request may not do this with the container or object",
    remedy: "Its owner grants it: by the container's lists of access, or by the rights of a folder",
    exitStatus: 125,
    httpStatus: 403,
  },
  ZVM_STORE_CONFLICT: {
    meaning: "What is stored stands against the request",
    remedy:
      "Remove what a container or account holds first; write a changed segment's manifest anew",
    exitStatus: 125,
    httpStatus: 409,
  },
  ZVM_STORE_CONDITION: {
    meaning: "A condition of the request does not hold",
    remedy: "Read the object's state again, and decide anew",
    exitStatus: 125,
    httpStatus: 412,
  },
  ZVM_STORE_ETAG: {
    meaning: "The bytes that arrived have another digest than was announced",
    remedy: "Send the object again; nothing of it was stored",
    exitStatus: 125,
    httpStatus: 422,
  },
  ZVM_STORE_UPLOAD: {
    meaning: "An upload ended early or brought more than was announced",
    remedy: "Send the object again; nothing of it was stored",
    exitStatus: 125,
    httpStatus: 499,
  },
  ZVM_STORE_TOO_LARGE: {
    meaning: "An object is larger than one may be",
    remedy: "Store it in segments, with a manifest over them",
    exitStatus: 125,
    httpStatus: 413,
  },
  ZVM_STORE_LISTING: {
    meaning: "The parameters of a listing are out of range",
    remedy: "The limit is 10,000 names; `path` goes with neither prefix nor delimiter",
    exitStatus: 125,
    httpStatus: 412,
  },
  ZVM_STORE_MANIFEST: {
    meaning: "The manifest of a large object has errors",
    remedy: "Each finding names its segment",
    exitStatus: 125,
    httpStatus: 400,
  },
  ZVM_STORE_FULL: {
    meaning: "The disk of the store is full, but for the reserve that deleting needs",
    remedy: "Delete objects, or give the store more room",
    exitStatus: 125,
    httpStatus: 507,
  },
  ZVM_STORE_BUSY: {
    meaning: "The store has no descriptor left for another file",
    remedy: "Try again later, or raise the host's limit of open files",
    exitStatus: 125,
    httpStatus: 503,
  },
  ZVM_STORE_IN_USE: {
    meaning: "Another process has the store open",
    remedy: "One process serves a data folder; end the other one first",
    exitStatus: 125,
    httpStatus: 503,
  },
  ZVM_STORE_DAMAGED: {
    meaning: "The store's files are not what it wrote",
    remedy: "`zerovm store check --data DIR` names every damaged object",
    exitStatus: 125,
    httpStatus: 500,
  },
  ZVM_STORE_FAILED: {
    meaning: "The host could not read or write the store's files",
    remedy: "The message names the operation and the reason of the host",
    exitStatus: 125,
    httpStatus: 500,
  },
} as const satisfies Record<string, ErrorKind>;
