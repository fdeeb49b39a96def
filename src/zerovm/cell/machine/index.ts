/** What a cell has of its machine: descriptors, clock, hashes, seals and sockets. */
export { descriptorSource, hostDescriptors } from "./descriptors.ts";
export type { SourcePlace } from "./intake.ts";
export { loggedHash } from "./logged-hash.ts";
export { Progress } from "./progress.ts";
export {
  hostHash,
  nodeHash,
  realClock,
  realEntropy,
  senderHash,
  sharedMs,
  uptimeMs,
} from "./real-world.ts";
export { Recorder } from "./recorder.ts";
export { Replay } from "./replay.ts";
export { smallSha256 } from "./small-hash.ts";
export { sealsOf } from "./wire-seals.ts";
export { crc32, WireSockets } from "./wire-socket.ts";
