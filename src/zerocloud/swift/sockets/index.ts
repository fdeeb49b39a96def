/** How coordinator and worker stand at their sockets, and tell how they are. */
export { listenAtSocket, openToGroup } from "./listen-at-socket.ts";
export { logOf, type ServeRequest, setupError, untilAborted } from "./serving.ts";
export { StatusServer, statusOf } from "./status-server.ts";
