import { Agent, type ClientRequest, type IncomingMessage, request } from "node:http";
import { buffer } from "node:stream/consumers";

/** A cloud that is signed in to. */
export interface Endpoint {
  readonly name: string;
  /** `http://HOST:PORT/v1/ACCOUNT`. */
  readonly storageUrl: string;
  readonly token: string;
  stop(): Promise<void>;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  readonly body: Buffer;
}

const HEAD_BYTES_MAX = 2 ** 20;
const agent = new Agent({ keepAlive: true, maxSockets: 64 });

/** Sends one request over a connection that is kept. */
export async function send(
  { storageUrl, token }: Pick<Endpoint, "storageUrl" | "token">,
  method: string,
  path: string,
  body: Uint8Array | string = "",
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const named = { "X-Auth-Token": token, "Content-Length": Buffer.byteLength(body), ...headers };
  // A job of many nodes tells of each of them in its headers.
  const options = { method, agent, headers: named, maxHeaderSize: HEAD_BYTES_MAX };
  const message = await answerTo(() => request(`${storageUrl}${path}`, options), body);
  return { status: message.statusCode ?? 0, headers: message.headers, body: await buffer(message) };
}

/** A server ends connections that nobody used for a while: then another one is taken. */
async function answerTo(
  begin: () => ClientRequest,
  body: Uint8Array | string,
): Promise<IncomingMessage> {
  const sent = begin();
  sent.end(body);
  try {
    return await new Promise<IncomingMessage>((resolve, reject) => {
      sent.once("response", resolve);
      sent.once("error", reject);
    });
  } catch (cause) {
    if (!sent.reusedSocket) throw cause;
    return await answerTo(begin, body);
  }
}

/** As `send`. @throws Error where the answer is no success */
export async function must(...args: Parameters<typeof send>): Promise<Answer> {
  const answer = await send(...args);
  if (answer.status < 200 || answer.status > 299) {
    const text = answer.body.toString("utf8", 0, 500);
    throw new Error(`${args[1]} ${args[2]}: ${answer.status} ${text}`);
  }
  return answer;
}

/** Signs in by TempAuth. */
export async function signIn(
  name: string,
  url: string,
  { user, key }: { readonly user: string; readonly key: string },
): Promise<Omit<Endpoint, "stop">> {
  const headers = { "X-Auth-User": user, "X-Auth-Key": key };
  const auth = { storageUrl: url, token: "" };
  const answer = await must(auth, "GET", "/auth/v1.0", "", headers);
  const token = String(answer.headers["x-auth-token"]);
  const told = String(answer.headers["x-storage-url"]);
  return { name, storageUrl: `${url}${new URL(told).pathname}`, token };
}
