import { assert, type Hash, type HashName } from "../../../base/index.ts";
import { DONE, opensslFunctions } from "./openssl.ts";

/**
 * A digest of the OpenSSL that is linked into Node, called directly: the first one takes a third
 * of a millisecond, where `node:crypto` has to be loaded for some milliseconds.
 * @returns undefined where the library, or koffi in this process, is not to be had
 */
export function opensslHash(name: HashName): Hash | undefined {
  const library = openssl();
  if (library === undefined) return undefined;
  const { newContext, digestByName, init } = library;
  const digest = digestByName(name);
  const context = newContext();
  if (digest === 0 || context === 0 || init(context, digest, 0) !== DONE) return undefined;
  return new OpenHash(library, context);
}

class OpenHash implements Hash {
  readonly #library: Library;
  /** 0 once the digest was given: the library has no such context any more. */
  #context: number;

  constructor(library: Library, context: number) {
    this.#library = library;
    this.#context = context;
  }

  update(bytes: Uint8Array): void {
    this.#mustBeOpen();
    mustBeDone(this.#library.update(this.#context, bytes, bytes.length));
  }

  digestHex(): string {
    this.#mustBeOpen();
    const out = new Uint8Array(DIGEST_BYTES_MAX);
    const sizeBytes = new Uint32Array(1);
    mustBeDone(this.#library.final(this.#context, out, sizeBytes));
    this.#library.free(this.#context);
    this.#context = 0;
    return Buffer.from(out.subarray(0, sizeBytes[0])).toString("hex");
  }

  #mustBeOpen(): void {
    assert(this.#context !== 0, "a digest is not used after its end");
  }
}

/** OpenSSL's EVP_MAX_MD_SIZE. */
const DIGEST_BYTES_MAX = 64;

/** Contexts and digests are addresses. */
interface Library {
  newContext(): number;
  free(context: number): void;
  digestByName(name: string): number;
  init(context: number, digest: number, engine: number): number;
  update(context: number, bytes: Uint8Array, sizeBytes: number): number;
  final(context: number, out: Uint8Array, sizeBytes: Uint32Array): number;
}

const openssl = opensslFunctions<Library>((declare) => ({
  newContext: declare("uintptr_t EVP_MD_CTX_new()"),
  free: declare("void EVP_MD_CTX_free(uintptr_t)"),
  digestByName: declare("uintptr_t EVP_get_digestbyname(const char *)"),
  init: declare("int EVP_DigestInit_ex(uintptr_t, uintptr_t, uintptr_t)"),
  update: declare("int EVP_DigestUpdate(uintptr_t, const void *, size_t)"),
  final: declare("int EVP_DigestFinal_ex(uintptr_t, void *, void *)"),
}));

function mustBeDone(answer: number): void {
  assert(answer === DONE, "OpenSSL goes on with a digest that it began");
}
