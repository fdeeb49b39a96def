import { ZvmError } from "../../base/index.ts";
import type { Exchange } from "../exchange/index.ts";
import { type SpooledFile, spool } from "../run/index.ts";

/**
 * The body of a request as data of its job. It is read when a step of the job has a device for it,
 * and no other step gets it.
 */
export class RequestBody {
  readonly #exchange: Exchange;
  readonly #bytesMax: number;
  #spooling: Promise<SpooledFile> | undefined;
  #isTaken = false;

  constructor(exchange: Exchange, bytesMax: number) {
    this.#exchange = exchange;
    this.#bytesMax = bytesMax;
  }

  /** Undefined for a body in chunks. */
  get announcedBytes(): number | undefined {
    return this.#exchange.bodyBytes;
  }

  /**
   * The data, for the first who asks; it stays this object's to close.
   * @throws as `spoolBody`
   */
  async take(): Promise<SpooledFile | undefined> {
    if (this.#isTaken) return undefined;
    this.#isTaken = true;
    return await this.read();
  }

  /** Reads all of it now, before there is an answer. @throws as `spoolBody` */
  async read(): Promise<SpooledFile> {
    this.#spooling ??= spoolBody(this.#exchange, this.#bytesMax);
    return await this.#spooling;
  }

  async close(): Promise<void> {
    const file = await this.#spooling?.catch(() => undefined);
    file?.close();
  }
}

const TOO_LARGE = "Data object too large";

/**
 * Keeps the body of a request in a file without a name.
 * @throws ZvmError ZVM_HTTP_TOO_LARGE, and what reading and writing throw
 */
export async function spoolBody(exchange: Exchange, bytesMax: number): Promise<SpooledFile> {
  if ((exchange.bodyBytes ?? 0) > bytesMax) throw new ZvmError("ZVM_HTTP_TOO_LARGE", TOO_LARGE);
  return await spool(limited(exchange.body(), bytesMax), bytesMax, TOO_LARGE);
}

async function* limited(
  pieces: AsyncIterable<Uint8Array>,
  bytesMax: number,
): AsyncGenerator<Uint8Array, void> {
  let sizeBytes = 0;
  for await (const piece of pieces) {
    sizeBytes += piece.length;
    if (sizeBytes > bytesMax) throw new ZvmError("ZVM_HTTP_TOO_LARGE", TOO_LARGE);
    yield piece;
  }
}
