import type { Exchange } from "./exchange.ts";
import { refuse } from "./refusal.ts";

type Metadata = Readonly<Record<string, string>>;

/** Looks up the metadata of the container that a request is about; undefined without one. */
export type MetadataOf = () => Promise<Metadata | undefined>;

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

/** Rules of containers for pages of other origins. */
export class Cors {
  readonly #isStrict: boolean;

  /** @param isStrict whether answers name only origins that a container allows */
  constructor(isStrict: boolean) {
    this.#isStrict = isStrict;
  }

  /** Gives the answers of this exchange the headers that a page of another origin needs. */
  async prepare(exchange: Exchange, metadataOf: MetadataOf): Promise<void> {
    const origin = exchange.header("origin");
    if (origin === undefined) return;
    const metadata = await metadataOf();
    if (metadata === undefined) return;
    const allowed = allowedOrigin(metadata, origin) ?? (this.#isStrict ? undefined : origin);
    if (allowed === undefined) return;
    exchange.extraHeaders["Access-Control-Allow-Origin"] = allowed;
    exchange.exposed = [...EXPOSED, ...wordsOf(metadata[`${ACCESS}expose-headers`])];
  }

  /**
   * Answers to OPTIONS: which methods there are, and whether a page may use them.
   * @param metadataOf undefined where the path names no container
   * @throws ZvmError ZVM_HTTP_SIGN_IN where the container does not allow it, as Swift says it
   */
  async answerOptions(
    exchange: Exchange,
    metadataOf: MetadataOf | undefined,
    methods: string,
  ): Promise<void> {
    const origin = exchange.header("origin");
    const asked = exchange.header("access-control-request-method");
    if (origin === undefined) return await exchange.answer(200, { Allow: methods });
    const metadata = await metadataOf?.();
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
}

function wordsOf(list: string | undefined): string[] {
  return (list ?? "").split(/[\s,]+/).filter((word) => word !== "");
}
