import { Readable, Writable } from "node:stream";

/** A `ReadableStream` as far as it is used here: those of Node, browsers and others fit. */
export interface WebReadable {
  readonly locked: boolean;
  getReader(): WebReader;
}

/** The reader that such a stream lends. */
export interface WebReader {
  read(): Promise<{ readonly done: boolean; readonly value?: unknown }>;
  releaseLock(): void;
}

/** A `WritableStream` as far as it is used here. */
export interface WebWritable {
  readonly locked: boolean;
  getWriter(): WebWriter;
}

/** The writer that such a stream lends. */
export interface WebWriter {
  write(chunk: Uint8Array): Promise<void>;
  releaseLock(): void;
}

/** A stream of Node in place of one of the web, which it holds locked. */
export interface Borrowed<Stream> {
  readonly stream: Stream;
  /**
   * Gives the web stream back, neither cancelled nor closed, when what was written is in it. An
   * interruption does not wait long for that.
   */
  giveBack(signal: AbortSignal | undefined): Promise<void>;
}

/** How long an interruption waits for who takes what was written. */
const GRACE_MS = 2000;

export function isWebReadable(value: unknown): value is WebReadable {
  return hasMethod(value, "getReader");
}

export function isWebWritable(value: unknown): value is WebWritable {
  return hasMethod(value, "getWriter");
}

/** Reads chunk by chunk, when one is wanted: what is not read stays in the stream. */
export function borrowReadable(web: WebReadable): Borrowed<Readable> {
  const reader = web.getReader();
  const stream = new Readable({
    highWaterMark: 1,
    read() {
      reader.read().then(
        ({ done, value }) => pushChunk(stream, done, value),
        (error: unknown) => stream.destroy(errorOf(error)),
      );
    },
  });
  stream.on("error", ignore);
  return {
    stream,
    giveBack: async () => {
      stream.destroy();
      reader.releaseLock();
    },
  };
}

function pushChunk(stream: Readable, isDone: boolean, value: unknown): void {
  if (stream.destroyed) return;
  if (isDone) stream.push(null);
  else if (typeof value === "string") stream.push(Buffer.from(value));
  else if (ArrayBuffer.isView(value)) stream.push(bytesOfView(value));
  else if (value instanceof ArrayBuffer) stream.push(Buffer.from(value));
  else stream.destroy(new Error("a chunk of the web stream is neither bytes nor text"));
}

function bytesOfView({ buffer, byteOffset, byteLength }: ArrayBufferView): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}

/** Writes chunk by chunk, each when the one before was taken. */
export function borrowWritable(web: WebWritable): Borrowed<Writable> {
  const writer = web.getWriter();
  const stream = new Writable({
    write(chunk: Uint8Array, _encoding, done) {
      // A copy, which the receiver may hand on to others for good.
      writer.write(new Uint8Array(chunk)).then(
        () => done(),
        (error: unknown) => done(errorOf(error)),
      );
    },
  });
  stream.on("error", ignore);
  return {
    stream,
    giveBack: async (signal) => {
      if (!stream.destroyed) await ended(stream, signal);
      writer.releaseLock();
    },
  };
}

function ended(stream: Writable, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    let timer: NodeJS.Timeout | undefined;
    const hurry = (): void => {
      timer = setTimeout(done, GRACE_MS);
    };
    const done = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", hurry);
      resolve();
    };
    stream.end(done);
    if (signal?.aborted === true) hurry();
    else signal?.addEventListener("abort", hurry, { once: true });
  });
}

/** Whether a value has a method of that name, whatever it is made of. */
export function hasMethod(value: unknown, name: string): boolean {
  if (typeof value !== "object" || value === null) return false;
  return typeof (value as Readonly<Record<string, unknown>>)[name] === "function";
}

/** A web stream may be broken with any value as the reason, also with none. */
function errorOf(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error(`the web stream broke: ${String(reason)}`);
}

function ignore(): void {
  // Whoever uses the stream hears it too; later it is nobody's concern.
}
