import type { AnswerPiece } from "./answer.ts";
import { type Header, headerValue } from "./header-text.ts";

/** One part of an answer of several. */
export interface MultipartPart {
  readonly headers: readonly Header[];
  readonly body: readonly AnswerPiece[];
}

/** What a boundary can be here: no program can know one of 128 random bits. */
const BOUNDARY = /^[0-9A-Za-z]{16,70}$/;

/** Whether a text can separate parts; it has to be one that no program could guess. */
export function isBoundary(text: string): boolean {
  return BOUNDARY.test(text);
}

/** The body of a `multipart/mixed` answer (RFC 2046); of no part it is only the end. */
export function multipartBody(parts: readonly MultipartPart[], boundary: string): AnswerPiece[] {
  const pieces = parts.flatMap(({ headers, body }, index) => {
    const lines = headers.map(([name, value]) => `${name}: ${headerValue(value)}\r\n`);
    const start = index === 0 ? "" : "\r\n";
    return [bytesOfText(`${start}--${boundary}\r\n${lines.join("")}\r\n`), ...body];
  });
  return [...pieces, bytesOfText(`${parts.length === 0 ? "" : "\r\n"}--${boundary}--\r\n`)];
}

function bytesOfText(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
