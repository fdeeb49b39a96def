import { once } from "../../run/index.ts";
import type { ContainerName } from "../../storage/index.ts";
import type { SwiftCalls, SwiftContainer } from "./swift-calls.ts";

/** What Swift knows of the containers of one request, each asked for once. */
export class ContainerBook {
  readonly #calls: SwiftCalls;
  readonly #facts = new Map<string, Promise<SwiftContainer>>();

  constructor(calls: SwiftCalls) {
    this.#calls = calls;
  }

  async facts(address: ContainerName): Promise<SwiftContainer> {
    const key = `${address.account}/${address.container}`;
    return await once(this.#facts, key, () => this.#calls.container(address));
  }

  /** It was made or changed by the job itself. */
  forget({ account, container }: ContainerName): void {
    this.#facts.delete(`${account}/${container}`);
  }
}
