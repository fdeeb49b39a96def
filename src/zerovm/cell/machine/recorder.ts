import type { Descriptors } from "../../../base/index.ts";
import type { Backend } from "../../../channels/index.ts";
import type { Clock, Entropy } from "../../../zrt/index.ts";
import type { OrderRecording } from "../order/index.ts";
import {
  CLOCK_BYTES,
  ENTROPY_HEAD_BYTES,
  INTAKE_HEADER,
  intakeFailure,
  READ_HEAD_BYTES,
  type SourcePlace,
  TAKEN,
} from "./intake.ts";

const BUFFER_BYTES = 65_536;

/** Writes down what a session takes in, each piece before the guest sees it. */
export class Recorder {
  readonly #descriptors: Descriptors;
  readonly #target: OrderRecording;
  readonly #bytes = new Uint8Array(BUFFER_BYTES);
  readonly #view = new DataView(this.#bytes.buffer);
  #used = 0;
  #written = 0;
  #hasEnded = false;

  constructor(descriptors: Descriptors, target: OrderRecording) {
    this.#descriptors = descriptors;
    this.#target = target;
    const header = new TextEncoder().encode(INTAKE_HEADER);
    this.#append(header, 0, header.length);
  }

  /** A source whose reads are written down; all else goes through. */
  source(backend: Backend, place: SourcePlace): Backend {
    const read: Backend["read"] = (memory, start, size, position) => {
      const got = backend.read(memory, start, size, position);
      this.#read(place, memory, start, got);
      return got;
    };
    const write: Backend["write"] = (...args) => backend.write(...args);
    const close: Backend["close"] = (...args) => backend.close(...args);
    if (backend.kind === "stream") {
      const { kind, interactive, peer } = backend;
      return { kind, interactive, read, write, close, ...(peer !== undefined && { peer }) };
    }
    const { kind } = backend;
    return { kind, read, write, close, truncate: (sizeBytes) => backend.truncate(sizeBytes) };
  }

  /** The host's clock, with each of its times written down. */
  clock(clock: Clock): Clock {
    const seen = (timeNs: bigint): bigint => {
      if (this.#hasEnded) return timeNs;
      this.#reserve("", CLOCK_BYTES);
      this.#bytes[this.#used] = TAKEN.CLOCK;
      this.#view.setBigUint64(this.#used + 1, timeNs, true);
      this.#used += CLOCK_BYTES;
      return timeNs;
    };
    const { resolutionNs, isReal } = clock;
    return {
      resolutionNs,
      isReal,
      look: () => seen(clock.look()),
      peek: () => seen(clock.peek()),
      sleep: (durationNs) => clock.sleep(durationNs),
    };
  }

  /** The host's entropy, written down. */
  entropy(entropy: Entropy): Entropy {
    return {
      isReal: entropy.isReal,
      fill: (memory, start, size) => {
        entropy.fill(memory, start, size);
        if (this.#hasEnded) return;
        this.#reserve("", ENTROPY_HEAD_BYTES, size);
        this.#bytes[this.#used] = TAKEN.ENTROPY;
        this.#view.setUint32(this.#used + 1, size, true);
        this.#used += ENTROPY_HEAD_BYTES;
        this.#append(memory, start, size);
      },
    };
  }

  /** Writes what is left. @throws HostIoError when the host cannot. */
  flush(): void {
    const { fd } = this.#target;
    this.#descriptors.write(fd, this.#bytes, 0, this.#used, this.#written);
    this.#written += this.#used;
    this.#used = 0;
  }

  /** What the guest takes in from now on is another session's. */
  end(): void {
    this.flush();
    this.#hasEnded = true;
  }

  #read(place: SourcePlace, memory: Uint8Array, start: number, size: number): void {
    this.#reserve(place.alias, READ_HEAD_BYTES, size);
    const at = this.#used;
    this.#bytes[at] = TAKEN.READ;
    this.#view.setUint16(at + 1, place.channel, true);
    this.#view.setUint16(at + 3, place.source, true);
    this.#view.setUint32(at + 5, size, true);
    this.#used += READ_HEAD_BYTES;
    this.#append(memory, start, size);
  }

  /** Makes room for the head of a record. @throws ChannelFailure when all of it is too much. */
  #reserve(alias: string, headBytes: number, dataBytes = 0): void {
    const total = this.#written + this.#used + headBytes + dataBytes;
    const { bytesMax } = this.#target;
    if (total > bytesMax) {
      const what = `the session takes in more than ${bytesMax} bytes (--limit record=SIZE)`;
      throw intakeFailure(alias, what);
    }
    if (this.#used + headBytes > BUFFER_BYTES) this.flush();
  }

  #append(memory: Uint8Array, start: number, size: number): void {
    if (this.#used + size > BUFFER_BYTES) this.flush();
    if (size <= BUFFER_BYTES) {
      this.#bytes.set(memory.subarray(start, start + size), this.#used);
      this.#used += size;
      return;
    }
    this.#descriptors.write(this.#target.fd, memory, start, size, this.#written);
    this.#written += size;
  }
}
