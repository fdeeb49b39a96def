import { createHash } from "node:crypto";
import type { HashFactory } from "../../src/base/index.ts";
import {
  type AnswerWishes,
  type Body,
  type InstanceResult,
  NO_ACCOUNTING,
  type ResponsePart,
} from "../../src/zerocloud/result/index.ts";

export const HASHES: HashFactory = (name) => {
  const hash = createHash(name);
  return { update: (bytes) => void hash.update(bytes), digestHex: () => hash.digest("hex") };
};

/** A body of text that remembers whether it was released. */
export interface TextBody extends Body {
  readonly isReleased: () => boolean;
}

export function textBody(text: string): TextBody {
  const bytes = new TextEncoder().encode(text);
  let released = false;
  return {
    sizeBytes: bytes.length,
    async *read() {
      yield bytes;
    },
    release: () => {
      released = true;
    },
    isReleased: () => released,
  };
}

export function partOf(text: string, fields: Partial<ResponsePart> = {}): ResponsePart {
  const standard = { device: "stdout", contentType: "text/html", headers: [] };
  return { ...standard, body: textBody(text), ...fields };
}

/** An instance that ran without fault, but for the fields given. */
export function instanceOf(name: string, fields: Partial<InstanceResult> = {}): InstanceResult {
  return {
    id: 1,
    name,
    group: name,
    state: "ran",
    status: 200,
    statusText: "ok.",
    exitCode: 0,
    validation: 0,
    etags: [],
    accounting: NO_ACCOUNTING,
    policy: "",
    colocated: "0",
    isCached: false,
    responses: [],
    stored: [],
    ...fields,
  };
}

export function wishesOf(fields: Partial<AnswerWishes> = {}): AnswerWishes {
  const standard = { method: "POST", isJson: false, transactionId: "tx1", hashes: HASHES };
  return { ...standard, timestamp: "1700000000.00000", ...fields };
}
