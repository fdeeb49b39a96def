import { type AddressInfo, createServer, type Server } from "node:net";
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

/** Listens at a socket of this machine. @throws ZvmError ZVM_HTTP_LISTEN where that is taken */
export async function listenAt(server: Server, path: string): Promise<void> {
  await comesUp(server, printable(path), () => server.listen(path));
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
