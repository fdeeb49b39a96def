import type { ErrorKind } from "./error-kind.ts";

/** Rows of the error table for whoever talks to a server over HTTP. */
export const HTTP_ERRORS = {
  ZVM_HTTP_REQUEST: {
    meaning: "A request over HTTP is malformed",
    remedy: "The message names the header or the part of the path",
    exitStatus: 125,
    httpStatus: 400,
  },
  ZVM_HTTP_SIGN_IN: {
    meaning: "A request needs a valid token",
    remedy: "Sign in, and send the token as `X-Auth-Token`",
    exitStatus: 125,
    httpStatus: 401,
  },
  ZVM_HTTP_DENIED: {
    meaning: "The sender of a request has no right to do this",
    remedy: "The owner of the account can give it by `X-Container-Read` and `X-Container-Write`",
    exitStatus: 125,
    httpStatus: 403,
  },
  ZVM_HTTP_NOT_FOUND: {
    meaning: "A path names nothing that there could be",
    remedy: "Paths are `/v1/ACCOUNT/CONTAINER/OBJECT`",
    exitStatus: 125,
    httpStatus: 404,
  },
  ZVM_HTTP_ACCEPT: {
    meaning: "A client takes none of the forms that the answer has",
    remedy: "Accept `text/plain`, `application/json` or `application/xml`",
    exitStatus: 125,
    httpStatus: 406,
  },
  ZVM_HTTP_TIMEOUT: {
    meaning: "A client sent or took nothing for too long",
    remedy: "Send the request again over a better line; nothing of an upload was stored",
    exitStatus: 125,
    httpStatus: 408,
  },
  ZVM_HTTP_LENGTH: {
    meaning: "An upload announces no length and is not chunked",
    remedy: "Send `Content-Length` or `Transfer-Encoding: chunked`",
    exitStatus: 125,
    httpStatus: 411,
  },
  ZVM_HTTP_PRECONDITION: {
    meaning: "A path, parameter or condition of a request does not hold",
    remedy: "The message names it",
    exitStatus: 125,
    httpStatus: 412,
  },
  ZVM_HTTP_TOO_LARGE: {
    meaning: "A body that is read into memory is larger than it may be",
    remedy: "The message names the limit",
    exitStatus: 125,
    httpStatus: 413,
  },
  ZVM_HTTP_URI: {
    meaning: "A path with its parameters is too long",
    remedy: "A request line has 8,192 bytes",
    exitStatus: 125,
    httpStatus: 414,
  },
  ZVM_HTTP_RANGE: {
    meaning: "A range is not there",
    remedy: "Ask for bytes that the object has",
    exitStatus: 125,
    httpStatus: 416,
  },
  ZVM_HTTP_EXPECTATION: {
    meaning: "A request expects what a server cannot know",
    remedy: "Expect `100-continue` or nothing",
    exitStatus: 125,
    httpStatus: 417,
  },
  ZVM_HTTP_HEADERS: {
    meaning: "The headers of a request are too large together",
    remedy: "They have 65,536 bytes with the request line",
    exitStatus: 125,
    httpStatus: 431,
  },
  ZVM_HTTP_GONE: {
    meaning: "A client went away before it had its answer",
    remedy: "Nothing, where it was meant",
    exitStatus: 125,
    httpStatus: 499,
  },
  ZVM_HTTP_UNSUPPORTED: {
    meaning: "A request asks for what only OpenStack Swift itself does",
    remedy: "The message names it; docs/reference/http-api.md lists all",
    exitStatus: 125,
    httpStatus: 501,
  },
  ZVM_HTTP_VERSION: {
    meaning: "A request is of a version of HTTP that the server does not speak",
    remedy: "Send HTTP/1.1",
    exitStatus: 125,
    httpStatus: 505,
  },
  ZVM_HTTP_BUSY: {
    meaning: "The server has as many connections as it may have",
    remedy: "Try again later, or raise the limit",
    exitStatus: 125,
    httpStatus: 503,
  },
  ZVM_HTTP_LISTEN: {
    meaning: "The server cannot have the address that it was told",
    remedy: "Take another port, or end what has this one",
    exitStatus: 125,
    httpStatus: 500,
  },
} as const satisfies Record<string, ErrorKind>;
