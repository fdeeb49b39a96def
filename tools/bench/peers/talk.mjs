// Requests and replies over standard streams: talk.mjs ask SIZE COUNT, talk.mjs answer SIZE.
import { readSync, writeSync } from "node:fs";

const [role, size, count] = process.argv.slice(2);
const message = Buffer.alloc(Number(size));
let left = role === "ask" ? Number(count) : Number.POSITIVE_INFINITY;
while (left-- > 0) {
  if (role === "ask") writeSync(1, message);
  if (readSync(0, message) === 0) break;
  if (role === "answer") writeSync(1, message);
}
