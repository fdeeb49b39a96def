import { connect, type Socket } from "node:net";

/** A manifest as text, with channels in place of the null device and further lines. */
export function daemonText(
  program: string,
  channels: Readonly<Record<string, string>> = {},
  lines: readonly string[] = [],
): string {
  const standard = {
    stdin: "/dev/null, /dev/stdin, 0, 0, 99, 9999, 0, 0",
    stdout: "/dev/null, /dev/stdout, 0, 0, 0, 0, 99, 9999",
    stderr: "/dev/null, /dev/stderr, 0, 0, 0, 0, 99, 9999",
    ...channels,
  };
  return [
    "Version = 20130611",
    `Program = ${program}`,
    "Memory = 33554432, 0",
    "Timeout = 10",
    ...lines,
    ...Object.values(standard).map((line) => `Channel = ${line}`),
    "",
  ].join("\n");
}

/** A text with its length in front. */
export function framed(text: string): string {
  return `0x${Buffer.byteLength(text).toString(16).padStart(6, "0")}${text}`;
}

export function connected(path: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    socket.once("connect", () => resolve(socket));
    socket.once("error", reject);
  });
}

/** All that the other side says until it closes the connection. */
export function heardFrom(socket: Socket): Promise<string> {
  return new Promise((resolve) => {
    let text = "";
    socket.setEncoding("latin1");
    socket.on("data", (piece: string) => {
      text += piece;
    });
    socket.once("end", () => socket.end());
    socket.on("error", () => undefined);
    socket.once("close", () => resolve(text));
  });
}

/** One request and its answer, as they are on the wire. */
export async function asked(path: string, request: string): Promise<string> {
  const socket = await connected(path);
  socket.write(request);
  return heardFrom(socket);
}

/** The lines of a report that was answered, judged by the length in front of it. */
export function linesOf(answer: string): string[] {
  const sizeBytes = Number(answer.slice(0, 8));
  if (answer.length !== 8 + sizeBytes) throw new Error(`Not framed: ${JSON.stringify(answer)}`);
  return answer.slice(8).split("\n");
}
