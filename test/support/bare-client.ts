/** For tests: a client of a server of this machine that sends bytes as they are, when it likes. */
import { once } from "node:events";
import { connect, type Socket } from "node:net";

export class BareClient {
  readonly socket: Socket;
  /** All that came back, when the connection has ended. */
  readonly answer: Promise<string>;
  #received = "";

  private constructor(port: number) {
    this.socket = connect(port, "127.0.0.1");
    this.socket.setEncoding("latin1").on("data", (piece: string) => {
      this.#received += piece;
    });
    // Who is cut off sees it in the answer, or its absence.
    this.socket.on("error", () => undefined);
    this.answer = new Promise((resolve) => {
      this.socket.on("close", () => resolve(this.#received));
    });
  }

  /** Resolves when it is connected. */
  static async open(port: number): Promise<BareClient> {
    const client = new BareClient(port);
    await once(client.socket, "connect");
    return client;
  }

  /** What came back so far. */
  get received(): string {
    return this.#received;
  }
}
