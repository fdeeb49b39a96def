/** For tests: what goes over the network of this machine, as who listens there sees it. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";

/** Prints a line when it listens, then what it saw until it is told to end. */
const LISTENING = `
import json, signal, socket, sys
mark, seen = sys.argv[1].encode(), {"marked": 0, "greeted": 0}
heard = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.ntohs(3))
heard.setsockopt(socket.SOL_SOCKET, 33, 64 << 20)  # SO_RCVBUFFORCE
heard.bind(("lo", 0))
def end(*_):
    print(json.dumps(seen), flush=True)
    sys.exit()
signal.signal(signal.SIGTERM, end)
print("ready", flush=True)
while True:
    packet = heard.recv(1 << 17)
    seen["marked"] += mark in packet
    seen["greeted"] += b"ZVMWIRE1" in packet
`;

/** Packets that had a text in them, and those of greetings of wires. */
export interface Heard {
  readonly marked: number;
  readonly greeted: number;
}

/** Somebody who listens to the loopback network. */
export class Overheard {
  readonly #listener: ChildProcess;
  readonly #said: Promise<string>;

  private constructor(listener: ChildProcess, said: Promise<string>) {
    this.#listener = listener;
    this.#said = said;
  }

  static async begin(mark: string): Promise<Overheard> {
    const listener = spawn("python3", ["-c", LISTENING, mark], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const said = text(listener.stdout);
    await Promise.race([once(listener.stdout, "data"), once(listener, "exit")]);
    return new Overheard(listener, said);
  }

  async end(): Promise<Heard> {
    this.#listener.kill("SIGTERM");
    return JSON.parse((await this.#said).replace("ready", ""));
  }
}
