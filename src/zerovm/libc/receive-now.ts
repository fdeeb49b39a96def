import { lastErrorName, libraryCall } from "./call.ts";

const MSG_DONTWAIT = 0x40;

/**
 * The next byte of a socket, without waiting for one.
 * @returns undefined where none came, `end` where none will come any more
 */
export function receiveNow(socket: number): number | "end" | undefined {
  const receive = libraryCall("long recv(int fd, void *bytes, unsigned long size, int flags)");
  const byte = new Uint8Array(1);
  const count = Number(receive(socket, byte, 1, MSG_DONTWAIT));
  if (count === 1) return byte[0] ?? 0;
  if (count === 0) return "end";
  const code = lastErrorName();
  return code === "EAGAIN" || code === "EINTR" ? undefined : "end";
}
