import { FRAME_HEADER_BYTES } from "./frame.ts";
import { parseReady, type Ready } from "./ready.ts";

/** What a cell says, in this order. */
export interface Heard {
  onReady(ready: Ready): void;
  /** The guest's time begins. */
  onStart(): void;
  onAnswer(text: string): void;
  /** What came does not fit the form; nothing more is read. */
  onDefect(defect: string): void;
}

/** The first word of a cell is short. */
const READY_BYTES_MAX = 4096;

/** Puts the frames of a cell together, and judges their form. */
export class AnswerReader {
  readonly #heard: Heard;
  readonly #answerBytesMax: number;
  #chunks: Uint8Array[] = [];
  #sizeBytes = 0;
  /** Bytes that must be there before another look is worth it. */
  #neededBytes = FRAME_HEADER_BYTES;
  #stage: "locked" | "ordered" | "started" | "ended" = "locked";

  constructor(heard: Heard, answerBytesMax: number) {
    this.#heard = heard;
    this.#answerBytesMax = answerBytesMax;
  }

  take(chunk: Uint8Array): void {
    if (this.#stage === "ended") return;
    this.#chunks.push(chunk);
    this.#sizeBytes += chunk.length;
    while (this.#sizeBytes >= this.#neededBytes && this.#isListening()) {
      const bytes = this.#join();
      const header = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
      const bodyBytes = header.getUint32(0, true);
      const most = this.#stage === "locked" ? READY_BYTES_MAX : this.#answerBytesMax;
      if (bodyBytes > most) {
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

  #isListening(): boolean {
    return this.#stage !== "ended";
  }

  #takeFrame(body: Uint8Array): void {
    const text = decoded(body);
    if (text === undefined) this.#refuse("The answer of the cell is no text");
    else if (this.#stage === "locked") this.#ready(text);
    else if (text !== "") this.#answer(text);
    else this.#start();
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
    this.#stage = "ordered";
    this.#heard.onReady(ready);
  }

  #start(): void {
    if (this.#stage === "started") {
      this.#refuse("The cell started twice");
      return;
    }
    this.#stage = "started";
    this.#heard.onStart();
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
    this.#stage = "ended";
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
