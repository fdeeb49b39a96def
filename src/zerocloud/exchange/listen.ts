import { lstatSync, rmSync } from "node:fs";
import { type AddressInfo, connect, createServer, type Server } from "node:net";
import { printable, ZvmError } from "../../base/index.ts";

/** Listens, and says where. @throws ZvmError ZVM_HTTP_LISTEN where the address cannot be had */
export async function listen(server: Server, host: string, port: number): Promise<AddressInfo> {
  await comesUp(server, `${host}:${port}`, () => server.listen(port, host));
  const address = server.address();
  if (address === null || typeof address === "string") {
    throw new ZvmError("ZVM_HTTP_LISTEN", `${host} is no address of a network`);
  }
  return address;
}

/**
 * Listens at a socket of this machine. One that a server left when it was killed is replaced.
 * @throws ZvmError ZVM_HTTP_LISTEN where that is taken
 */
export async function listenAt(server: Server, path: string): Promise<void> {
  if (await isLeft(path)) rmSync(path, { force: true });
  await comesUp(server, printable(path), () => server.listen(path));
}

/** Whether there is a socket, and nobody listens at it. */
async function isLeft(path: string): Promise<boolean> {
  if (lstatSync(path, { throwIfNoEntry: false })?.isSocket() !== true) return false;
  return await new Promise((resolve) => {
    const asked = connect(path, () => {
      asked.destroy();
      resolve(false);
    });
    asked.on("error", (error) => resolve("code" in error && error.code === "ECONNREFUSED"));
  });
}

async function comesUp(server: Server, where: string, begin: () => void): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", (cause) => {
      const message = `Cannot listen on ${where}: ${cause.message}`;
      reject(new ZvmError("ZVM_HTTP_LISTEN", message, { cause }));
    });
    server.once("listening", resolve);
    begin();
  });
}

/**
 * Whether the address can be had now; somebody else may still take it.
 * @throws ZvmError as `listen`
 */
export async function tryAddress(host: string, port: number): Promise<void> {
  const server = createServer();
  await listen(server, host, port);
  await new Promise((done) => server.close(done));
}
