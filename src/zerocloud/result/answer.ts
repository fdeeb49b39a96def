import type { Header } from "./header-text.ts";
import type { Body } from "./result.ts";

/** An answer of HTTP: all of it is known but for the bytes of the bodies. */
export interface Answer {
  readonly status: number;
  readonly headers: readonly Header[];
  /** One after another; nothing where the answer has none, as to HEAD. */
  readonly body: readonly AnswerPiece[];
}

export type AnswerPiece = Uint8Array | Body;

export function sizeOfBody(body: readonly AnswerPiece[]): number {
  return body.reduce((total, piece) => total + sizeOfPiece(piece), 0);
}

function sizeOfPiece(piece: AnswerPiece): number {
  return piece instanceof Uint8Array ? piece.length : piece.sizeBytes;
}

/** The bytes of an answer. What is not read to its end has to be released. */
export async function* readAnswer({ body }: Answer): AsyncGenerator<Uint8Array, void> {
  for (const piece of body) {
    if (piece instanceof Uint8Array) yield piece;
    else yield* piece.read();
  }
}

/** Lets go of bodies that are not read, or not to their end. */
export function releaseAnswer({ body }: Answer): void {
  releaseBodies(body);
}

export function releaseBodies(body: readonly AnswerPiece[]): void {
  for (const piece of body) if (!(piece instanceof Uint8Array)) piece.release();
}

/** The value of a header that an answer has once; the first where there are several. */
export function headerOf({ headers }: Pick<Answer, "headers">, name: string): string | undefined {
  return headers.find(([given]) => given.toLowerCase() === name.toLowerCase())?.[1];
}
