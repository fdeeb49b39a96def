import type { ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { REASON_HEADER, writePart } from "../orders/index.ts";

/** Turns something away; the first part says why. */
export async function refuse(
  response: ServerResponse,
  status: number,
  reason: string,
  text: string,
): Promise<void> {
  // Who has not been told to go on sends nothing; the connection is of no more use.
  response.writeHead(status, { [REASON_HEADER]: reason, Connection: "close" });
  const parts = Readable.from(writePart([Buffer.from(text)]));
  await pipeline(parts, response).catch(() => response.destroy());
}

/** Says something that is one part of JSON. */
export async function answer(response: ServerResponse, what: object): Promise<void> {
  response.writeHead(200, { "Content-Type": PARTS_TYPE, Connection: "close" });
  const parts = Readable.from(writePart([Buffer.from(JSON.stringify(what))]));
  await pipeline(parts, response);
}

/** What travels as parts. */
export const PARTS_TYPE = "application/octet-stream";
