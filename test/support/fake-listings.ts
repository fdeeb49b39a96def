import type { Listed, Listings, ListRequest } from "../../src/zerocloud/plan/index.ts";

/** Storage for tests: names of objects by account and container, listed as Swift lists them. */
export class FakeListings implements Listings {
  readonly requests: ListRequest[] = [];
  readonly #objects: Readonly<Record<string, readonly string[]>>;

  /** @param objects names by `ACCOUNT/CONTAINER`. */
  constructor(objects: Readonly<Record<string, readonly string[]>>) {
    this.#objects = objects;
  }

  async list(request: ListRequest): Promise<Listed> {
    this.requests.push(request);
    const { account, container, prefix, marker, limit } = request;
    const names =
      container === undefined
        ? this.#containers(account)
        : this.#objects[`${account}/${container}`];
    if (names === undefined) return { refusal: "missing" };
    const found = names.filter((name) => name.startsWith(prefix) && name > marker);
    return { names: found.sort().slice(0, limit) };
  }

  #containers(account: string): string[] | undefined {
    const paths = Object.keys(this.#objects).filter((path) => path.startsWith(`${account}/`));
    return paths.length === 0 ? undefined : paths.map((path) => path.slice(account.length + 1));
  }
}
