import { isHeaderName } from "./header-text.ts";

/** Headers that belong to one connection, and to whoever writes the answer to it. */
const OF_CONNECTION: readonly string[] = [
  "connection",
  "content-length",
  "content-type",
  "date",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "server",
  "status",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
];

/** Headers that say something of the server, which no program may say in its place. */
const OF_SERVER: readonly string[] = [
  "etag",
  "last-modified",
  "mtime",
  "x-auth-token",
  "x-chain-total-time",
  "x-openstack-request-id",
  "x-storage-token",
  "x-storage-url",
  "x-timestamp",
  "x-trans-id",
  "x-zerovm-device",
  "x-zerovm-failure-ranges",
  "x-zerovm-job",
  "x-zerovm-valid",
  "x-zerovm-validation",
];

/** Headers by which browsers do something to all that comes from a server, also of others. */
const OF_ORIGIN: readonly string[] = [
  "alt-svc",
  "clear-site-data",
  "nel",
  "origin-agent-cluster",
  "public-key-pins",
  "report-to",
  "reporting-endpoints",
  "service-worker-allowed",
  "strict-transport-security",
];

const OF_SERVER_BEGIN = /^x-(?:nexe|backend|object-transient-sysmeta|\w+-sysmeta)-/;

/**
 * Whether a header that a program printed goes on to the client. What belongs to the connection, to
 * the server, to all of its tenants or to the inside of Swift does not, and neither does what is no
 * name of a header.
 */
export function isProgramHeader(name: string): boolean {
  const lower = name.toLowerCase();
  if (!isHeaderName(name) || OF_SERVER_BEGIN.test(lower)) return false;
  return ![OF_CONNECTION, OF_SERVER, OF_ORIGIN].some((names) => names.includes(lower));
}
