import { wireError } from "../orders/index.ts";

/** The first line of an answer to a call, and the bytes behind it. */
export interface HeadedBody {
  readonly line: string;
  readonly rest: AsyncGenerator<Uint8Array, void>;
}

const NEWLINE = 10;
const LINE_BYTES_MAX = 2 ** 20;

/**
 * Takes the first line off a stream of bytes.
 * @throws ZvmError ZVM_SWIFT_WIRE where there is none of at most 1 MiB
 */
export async function takeLine(source: AsyncIterable<Uint8Array>): Promise<HeadedBody> {
  const iterator = source[Symbol.asyncIterator]();
  const pieces: Uint8Array[] = [];
  for (let sizeBytes = 0; sizeBytes <= LINE_BYTES_MAX; ) {
    const { value, done } = await iterator.next();
    if (done === true) throw wireError("an answer has no head");
    const end = value.indexOf(NEWLINE);
    if (end >= 0) {
      pieces.push(value.subarray(0, end));
      const line = Buffer.concat(pieces).toString("utf8");
      return { line, rest: restOf(value.subarray(end + 1), iterator) };
    }
    pieces.push(value);
    sizeBytes += value.length;
  }
  throw wireError("the head of an answer has more than 1 MiB");
}

async function* restOf(
  first: Uint8Array,
  iterator: AsyncIterator<Uint8Array>,
): AsyncGenerator<Uint8Array, void> {
  try {
    if (first.length > 0) yield first;
    for (;;) {
      const { value, done } = await iterator.next();
      if (done === true) return;
      yield value;
    }
  } finally {
    await iterator.return?.();
  }
}
