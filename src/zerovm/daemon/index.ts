/** Sessions that go on from where another one waits, asked for over a Unix socket. */
export { type Daemon, type DaemonRequest, type DaemonStart, startDaemon } from "./start-daemon.ts";
