import { FRAME_HEADER_BYTES, parseReady, type Ready, WORD } from "../order/index.ts";

/** What a cell says, in this order; a second order follows when it waits. */
export interface Heard {
  onReady(ready: Ready): void;
  /** What had to be prepared is, and so it went. */
  onWaiting(account: string): void;
  /** The guest's time begins. */
  onStarted(): void;
  onAnswer(text: string): void;
  /** What came does not fit the form; nothing more is read. */
  onDefect(defect: string): void;
}

/** Words other than the answer are short. */
const WORD_BYTES_MAX = 4096;

/** Puts the frames of a cell together, and judges their form. */
export class AnswerReader {
  readonly #heard: Heard;
  /** The largest answer that is taken, in bytes. */
  #answerBytesMax = 0;
  #chunks: Uint8Array[] = [];
  #sizeBytes = 0;
  /** Bytes that must be there before another look is worth it. */
  #neededBytes = FRAME_HEADER_BYTES;
  #isReady: boolean;
  /** What it may say now: of an order it first says that it starts. */
  #state: "idle" | "ordered" | "started" = "idle";
  #isEnded = false;

  /** @param isReady the cell said so to whoever had it before */
  constructor(isReady: boolean, heard: Heard) {
    this.#isReady = isReady;
    this.#heard = heard;
  }

  /** An order was sent: it starts once, and is answered unless it only prepares. */
  expectAnswer(answerBytesMax: number): void {
    this.#answerBytesMax = answerBytesMax;
    this.#state = "ordered";
  }

  take(chunk: Uint8Array): void {
    if (this.#isEnded) return;
    this.#chunks.push(chunk);
    this.#sizeBytes += chunk.length;
    while (this.#sizeBytes >= this.#neededBytes && !this.#hasEnded()) {
      const bytes = this.#join();
      const header = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
      const bodyBytes = header.getUint32(0, true);
      if (bodyBytes > Math.max(WORD_BYTES_MAX, this.#answerBytesMax + 1)) {
        this.#refuse(`The answer of the cell has ${bodyBytes} bytes`);
        return;
      }
      const end = FRAME_HEADER_BYTES + bodyBytes;
      this.#neededBytes = end;
      if (bytes.length < end) return;
      this.#neededBytes = FRAME_HEADER_BYTES;
      this.#chunks = [bytes.subarray(end)];
      this.#sizeBytes = bytes.length - end;
      this.#takeFrame(bytes.subarray(FRAME_HEADER_BYTES, end));
    }
  }

  /** Asked anew after each frame: who hears of one may have ended it all. */
  #hasEnded(): boolean {
    return this.#isEnded;
  }

  #takeFrame(body: Uint8Array): void {
    const text = decoded(body);
    if (text === undefined) {
      this.#refuse("The answer of the cell is no text");
      return;
    }
    const word = text.slice(0, 1);
    if (!this.#isReady && word === WORD.READY) this.#ready(text.slice(1));
    else if (this.#state === "started" && word === WORD.WAITING) this.#wait(text.slice(1));
    else if (this.#state !== "idle" && word === WORD.STARTED) this.#start();
    else if (this.#state !== "idle" && word === WORD.ANSWER) this.#answer(text.slice(1));
    else this.#refuse("The cell said what it may not say now");
  }

  #ready(text: string): void {
    let ready: Ready;
    try {
      ready = parseReady(text);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.#refuse(`The cell did not say that it is ready: ${reason}`);
      return;
    }
    this.#isReady = true;
    this.#heard.onReady(ready);
  }

  #start(): void {
    if (this.#state === "started") {
      this.#refuse("The cell started twice");
      return;
    }
    this.#state = "started";
    this.#heard.onStarted();
  }

  #wait(account: string): void {
    this.#state = "idle";
    this.#heard.onWaiting(account);
  }

  #answer(text: string): void {
    this.#end();
    this.#heard.onAnswer(text);
  }

  #refuse(defect: string): void {
    this.#end();
    this.#heard.onDefect(defect);
  }

  #end(): void {
    this.#isEnded = true;
    this.#chunks = [];
    this.#sizeBytes = 0;
  }

  #join(): Uint8Array {
    const [first] = this.#chunks;
    if (this.#chunks.length === 1 && first !== undefined) return first;
    const bytes = Buffer.concat(this.#chunks);
    this.#chunks = [bytes];
    return bytes;
  }
}

function decoded(body: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(body);
  } catch {
    return undefined;
  }
}
