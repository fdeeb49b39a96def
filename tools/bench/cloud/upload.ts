import { request } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Endpoint } from "./endpoint.ts";

/** Stores an object of which not all is in memory. */
export async function upload(
  { storageUrl, token }: Endpoint,
  path: string,
  pieces: Iterable<Uint8Array>,
  sizeBytes: number,
): Promise<void> {
  const headers = { "X-Auth-Token": token, "Content-Length": sizeBytes };
  const put = request(`${storageUrl}${path}`, { method: "PUT", headers });
  const answered = new Promise<number>((resolve, reject) => {
    put.once("response", (message) => {
      message.resume();
      resolve(message.statusCode ?? 0);
    });
    put.once("error", reject);
  });
  await pipeline(Readable.from(pieces), put);
  const status = await answered;
  if (status !== 201) throw new Error(`PUT ${path}: ${status}`);
}
