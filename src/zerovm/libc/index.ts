/** The C library of the host, as far as cells and their hosts need it. */
export { checked, errorName, type LibraryCall, lastErrorName, libraryCall } from "./call.ts";
export { keepFromChildren, lockFile } from "./file-lock.ts";
export { type Koffi, koffiIfLoaded, loadKoffi } from "./koffi.ts";
export { leave, leaveAtOnce } from "./leave.ts";
export { leaveStreams } from "./leave-streams.ts";
export { acceptFrom, listenAt } from "./listen.ts";
export { memoryFile } from "./memory-file.ts";
export { type Received, receiveMessage, receiveMessageNow, sendMessage } from "./messages.ts";
export { namelessFile } from "./nameless-file.ts";
export { type Peer, peerOf } from "./peer.ts";
export { loadPoll, POLL_IN, POLL_OUT, type Poll, pollAny } from "./poll.ts";
export { receiveNow } from "./receive-now.ts";
export { StopTimer, signalOn } from "./signals.ts";
export {
  connectTo,
  duplicate,
  killProcess,
  makePipe,
  type ProcessEnd,
  reapProcess,
  type SpawnRequest,
  socketPair,
  spawnProcess,
  streamPair,
} from "./spawn.ts";
export { adoptStreams, restoreFlags, type StreamFlags } from "./standard-streams.ts";
