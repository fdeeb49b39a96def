import { hostSocketPath } from "../cell/index.ts";
import { descriptorOf, listenForOwn } from "../pool/index.ts";
import type { HostPool } from "./host-pool.ts";

/**
 * Hands commands of this user to hosts of the pool, beside the socket at `poolPath`: each
 * connection goes to one host, or is closed at once where none waits.
 * @returns a function that closes the socket and takes it away
 * @throws ZvmError ZVM_POOL when nobody can listen there
 */
export async function serveHosts(hosts: HostPool, poolPath: string): Promise<() => void> {
  return await listenForOwn(hostSocketPath(poolPath), (socket) => {
    hosts.pass(descriptorOf(socket));
    socket.destroy();
  });
}
