/** What a server holds its clients to. */
export interface HttpLimits {
  /** Connections at a time; a request on one more is answered with 503. */
  readonly connections: number;
  /** Requests that may wait on one connection for the answers to those before them. */
  readonly pipelined: number;
  /** Of the request line. */
  readonly uriBytes: number;
  /** Of one header, its name included. */
  readonly headerBytes: number;
  /** Of all headers together. */
  readonly headersBytes: number;
  /** For all headers of a request to arrive. */
  readonly headersMs: number;
  /** Between two pieces of a body, in either direction: Swift's `client_timeout`. */
  readonly clientMs: number;
  /** Without a request on a connection. */
  readonly idleMs: number;
  /** Of the manifest of a large object. */
  readonly manifestBytes: number;
  /** Of an unwanted body that is still read before the connection ends. */
  readonly discardBytes: number;
  readonly discardMs: number;
  /** For requests under way when the server closes. */
  readonly graceMs: number;
}

export const HTTP_LIMITS: HttpLimits = {
  connections: 1024,
  pipelined: 32,
  uriBytes: 8192,
  headerBytes: 8192,
  headersBytes: 65_536,
  headersMs: 60_000,
  clientMs: 60_000,
  idleMs: 5000,
  manifestBytes: 8 * 2 ** 20,
  discardBytes: 2 ** 20,
  discardMs: 2000,
  graceMs: 30_000,
};
