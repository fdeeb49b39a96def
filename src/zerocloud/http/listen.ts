import { type AddressInfo, createServer, type Server } from "node:net";
import { ZvmError } from "../../base/index.ts";

/** Listens, and says where. @throws ZvmError ZVM_HTTP_LISTEN where the address cannot be had */
export async function listen(server: Server, host: string, port: number): Promise<AddressInfo> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", (cause) => {
      const message = `Cannot listen on ${host}:${port}: ${cause.message}`;
      reject(new ZvmError("ZVM_HTTP_LISTEN", message, { cause }));
    });
    server.listen(port, host, resolve);
  });
  const address = server.address();
  if (address === null || typeof address === "string") {
    throw new ZvmError("ZVM_HTTP_LISTEN", `${host} is no address of a network`);
  }
  return address;
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
