/**
 * One end of a connection to another session: a stream socket. `receive` and `send` wait as long as
 * the time of the session allows.
 */
export interface Wire {
  /**
   * Reads at most `size` bytes.
   * @returns bytes read, 0 where the other side has closed.
   * @throws HostIoError `ETIMEDOUT` when the time of the session is over, else why it was lost
   */
  receive(memory: Uint8Array, start: number, size: number): number;
  /** Writes all `size` bytes. @throws HostIoError as `receive` */
  send(memory: Uint8Array, start: number, size: number): void;
  /** As `receive`, without waiting. @returns undefined where nothing is there */
  glance(memory: Uint8Array, start: number, size: number): number | undefined;
  /**
   * Writes as much of it as there is room for, without waiting; says nothing of failures.
   * @returns bytes that went out
   */
  offer(bytes: Uint8Array): number;
}

/** How the messages of one direction are closed to others: AES-256-GCM under a key of the wire. */
export interface Seal {
  /** Bytes that a sealed body has more. */
  readonly tagBytes: number;
  /**
   * Seals a body into `into`, which has room for it and the tag.
   * @param head of the message, authenticated with it
   */
  seal(number: bigint, head: Uint8Array, body: Uint8Array, into: Uint8Array): void;
  /** Opens what was sealed into `into`. @returns whether it is what was sealed */
  open(number: bigint, head: Uint8Array, sealed: Uint8Array, into: Uint8Array): boolean;
}

/** Seals for both directions of a wire. */
export interface Seals {
  readonly writer: Seal;
  readonly reader: Seal;
}

/** What both ends of a wire are made with. */
export interface WireParts {
  readonly wire: Wire;
  /** What the other session is called: `node map-1`. */
  readonly peer: string;
  /**
   * CRC-32 as zlib has it, going on from the one before. Absent where nothing is changed on the way
   * unnoticed: messages are sealed, or never leave the host.
   */
  readonly crc32?: (bytes: Uint8Array, before: number) => number;
  /** Absent where messages are open. */
  readonly seals?: Seals;
}
