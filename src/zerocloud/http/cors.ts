import type { ContainerAddress, Metadata, Store } from "../store/index.ts";
import { ifThere } from "./access.ts";
import type { Exchange } from "./exchange.ts";
import { refuse } from "./refusal.ts";

const ACCESS = "x-container-meta-access-control-";

/** Headers that every page may read, as in Swift. */
const EXPOSED: readonly string[] = [
  "cache-control",
  "content-language",
  "content-type",
  "expires",
  "last-modified",
  "pragma",
  "etag",
  "x-timestamp",
  "x-trans-id",
  "x-openstack-request-id",
];

/** Origins that a container allows: `*` or a list with blanks between. */
function allowedOrigin(metadata: Metadata, origin: string): string | undefined {
  const allowed = (metadata[`${ACCESS}allow-origin`] ?? "").split(/[\s,]+/);
  if (allowed.includes("*")) return "*";
  return allowed.includes(origin) ? origin : undefined;
}

/** Rules of a container for pages of other origins. */
export class Cors {
  readonly #store: Store;
  readonly #isStrict: boolean;

  constructor(store: Store, isStrict: boolean) {
    this.#store = store;
    this.#isStrict = isStrict;
  }

  /** Gives the answers of this exchange the headers that a page of another origin needs. */
  async prepare(exchange: Exchange, address: ContainerAddress): Promise<void> {
    const origin = exchange.header("origin");
    if (origin === undefined) return;
    const metadata = await this.#metadata(address);
    if (metadata === undefined) return;
    const allowed = allowedOrigin(metadata, origin) ?? (this.#isStrict ? undefined : origin);
    if (allowed === undefined) return;
    exchange.extraHeaders["Access-Control-Allow-Origin"] = allowed;
    exchange.exposed = [...EXPOSED, ...wordsOf(metadata[`${ACCESS}expose-headers`])];
  }

  /**
   * Answers to OPTIONS: which methods there are, and whether a page may use them.
   * @param address undefined where the path names no container
   * @throws ZvmError ZVM_HTTP_SIGN_IN where the container does not allow it, as Swift says it
   */
  async answerOptions(
    exchange: Exchange,
    address: ContainerAddress | undefined,
    methods: string,
  ): Promise<void> {
    const origin = exchange.header("origin");
    const asked = exchange.header("access-control-request-method");
    if (origin === undefined) return await exchange.answer(200, { Allow: methods });
    const metadata = address === undefined ? undefined : await this.#metadata(address);
    const allowed = allowedOrigin(metadata ?? {}, origin);
    if (allowed === undefined || asked === undefined || !methods.split(", ").includes(asked)) {
      refuse("ZVM_HTTP_SIGN_IN", "The container does not allow this to pages of that origin");
    }
    const headers = exchange.header("access-control-request-headers");
    await exchange.answer(200, {
      Allow: methods,
      Vary: headers === undefined ? "Origin" : "Origin, Access-Control-Request-Headers",
      "Access-Control-Allow-Origin": allowed,
      "Access-Control-Allow-Methods": methods,
      "Access-Control-Allow-Headers": headers,
      "Access-Control-Max-Age": metadata?.[`${ACCESS}max-age`],
    });
  }

  async #metadata({ account, container }: ContainerAddress): Promise<Metadata | undefined> {
    return (await ifThere(this.#store.containers.stat({ account, container })))?.metadata;
  }
}

function wordsOf(list: string | undefined): string[] {
  return (list ?? "").split(/[\s,]+/).filter((word) => word !== "");
}
