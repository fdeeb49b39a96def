import { createSocket, type Socket } from "node:dgram";
import { ERRNO } from "../../base/index.ts";
import {
  decodeAnswer,
  encodeRequest,
  NAME_RECORDS_MAX,
  type NameBind,
  type NameConnect,
  type NamedPlace,
  type NameRequest,
} from "./packet.ts";

/** What one node asks a name server. */
export interface NameQuestion {
  readonly server: { readonly address: string; readonly port: number };
  readonly node: number;
  /** Where this node waits, and for whom. */
  readonly binds: readonly NameBind[];
  /** Whom it looks for. */
  readonly connects: readonly NameConnect[];
  readonly signal?: AbortSignal | undefined;
}

/** Why the name server was of no use, with the code and the state of the original's report. */
export class NameServiceError extends Error {
  override readonly name = "NameServiceError";
  readonly code: number;
  readonly state: string;

  constructor(code: number, state: string, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.state = state;
  }
}

const ATTEMPTS = 3;
const ATTEMPT_MS = 1200;

/**
 * Asks a name server where the peers of a node wait, and waits until all nodes have reported to
 * it, which they have to do within 3.6 seconds, as the original's. Only the server's own datagrams
 * are heard, and nothing in them is believed that is no answer to what was asked.
 * @returns one place for each of `connects`
 * @throws NameServiceError; what `signal` says where that ends it
 */
export async function askNameServer(question: NameQuestion): Promise<readonly NamedPlace[]> {
  const { server, binds, connects, signal } = question;
  signal?.throwIfAborted();
  if (server.address.includes(":")) {
    throw fault("name server has to be asked over IPv4: its answers have room for no more");
  }
  if (server.port === 0) throw fault("name server has no port: 0 is none");
  const count = binds.length + connects.length;
  if (count > NAME_RECORDS_MAX) {
    throw fault(`${count} network sources are more than a name server can be asked for`);
  }
  const socket = createSocket("udp4");
  const request = encodeRequest(question);
  try {
    await connected(socket, server);
    return await answered(socket, question, request);
  } catch (error) {
    if (error instanceof NameServiceError || error === signal?.reason) throw error;
    throw failedBy(error);
  } finally {
    socket.close();
  }
}

/** A connected socket hears its peer only: the kernel drops what others send. */
function connected(socket: Socket, server: NameQuestion["server"]): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.connect(server.port, server.address, (error?: Error | null) => {
      if (error) reject(error);
      else resolve();
    });
  });
}

function answered(
  socket: Socket,
  question: NameQuestion,
  request: Buffer,
): Promise<readonly NamedPlace[]> {
  return new Promise((resolve, reject) => {
    const { signal } = question;
    let attempts = 0;
    let timer: NodeJS.Timeout | undefined;
    const settle = (act: () => void): void => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", abort);
      socket.removeAllListeners("message");
      act();
    };
    const fail = (error: unknown): void => settle(() => reject(error));
    const abort = (): void => fail(signal?.reason);
    const attempt = (): void => {
      if (attempts === ATTEMPTS) {
        fail(unanswered());
        return;
      }
      attempts += 1;
      timer = setTimeout(attempt, ATTEMPT_MS);
      socket.send(request, (error) => {
        if (error !== null && !isNobodyThere(error)) fail(error);
      });
    };
    socket.on("message", (bytes) => {
      const places = placesOf(bytes, question, request.length);
      if (places instanceof NameServiceError) fail(places);
      else settle(() => resolve(places));
    });
    socket.on("error", (error) => {
      if (!isNobodyThere(error)) fail(error);
    });
    signal?.addEventListener("abort", abort);
    if (signal?.aborted === true) abort();
    else attempt();
  });
}

/** The server's host said that nobody listens there: its server may be about to start. */
function isNobodyThere(error: NodeJS.ErrnoException): boolean {
  return error.code === "ECONNREFUSED";
}

function unanswered(): NameServiceError {
  const message =
    `no answer within ${(ATTEMPTS * ATTEMPT_MS) / 1000} seconds; it answers when all nodes have ` +
    "asked it: start them together, and the server for as many";
  return new NameServiceError(ERRNO.EAGAIN, "name service failed", message);
}

function failedBy(cause: unknown): NameServiceError {
  const { errno, code } = cause as NodeJS.ErrnoException;
  const reason = code ?? String(cause);
  const message = `it cannot be asked: ${reason}`;
  const number = typeof errno === "number" && errno < 0 && errno > -200 ? -errno : ERRNO.EAGAIN;
  return new NameServiceError(number, "name service failed", message, cause);
}

/** The places of an answer that answers this question; else what is wrong with it. */
function placesOf(
  bytes: Buffer,
  question: NameQuestion,
  sizeBytes: number,
): readonly NamedPlace[] | NameServiceError {
  if (bytes.length !== sizeBytes) {
    return fault(`received parcel size ${bytes.length} is not equal to sent one ${sizeBytes}`);
  }
  const answer = decodeAnswer(bytes);
  if (typeof answer === "string") return fault(`received parcel records are wrong: ${answer}`);
  const difference = differenceOf(answer, question);
  if (difference !== undefined) return fault(`received parcel records ${difference}`);
  const index = answer.places.findIndex((place) => !isReachable(place));
  if (index < 0) return answer.places;
  const peer = question.connects[index]?.peer;
  return fault(`node ${peer} does not wait for node ${question.node}`);
}

function differenceOf(
  answer: { node: number; binds: readonly NameBind[]; places: readonly NamedPlace[] },
  { node, binds, connects }: NameRequest,
): string | undefined {
  const [got, sent] = [
    [answer.binds.length, answer.places.length],
    [binds.length, connects.length],
  ].map((counts) => counts.join(" + "));
  if (got !== sent) return `${got} are not equal to sent ones ${sent}`;
  if (answer.node !== node) return `are for node ${answer.node}, not ${node}`;
  const index = binds.findIndex(
    ({ peer, port }, at) => answer.binds[at]?.peer !== peer || answer.binds[at]?.port !== port,
  );
  return index < 0 ? undefined : `differ from sent ones in record ${index + 1}`;
}

/** Not "this host", and neither of many hosts nor of none. */
function isReachable({ address, port }: NamedPlace): boolean {
  const first = Number.parseInt(address, 10);
  return port !== 0 && first > 0 && first < FIRST_OF_MANY;
}

/** From 224.0.0.0 on addresses are of groups, or of nobody. */
const FIRST_OF_MANY = 224;

function fault(state: string): NameServiceError {
  return new NameServiceError(ERRNO.EFAULT, state, state);
}
