import { assert } from "../../../base/index.ts";
import type { Seal } from "../../../channels/index.ts";
import { Addresses } from "./addresses.ts";
import { NONCE_BYTES, nonceOf, TAG_BYTES } from "./node-seal.ts";
import { DONE, opensslFunctions } from "./openssl.ts";

/**
 * AES-256-GCM of the OpenSSL that is linked into Node, called directly: from where bytes lie to
 * where they are needed, a third of the time that `node:crypto` takes.
 * @returns undefined where the library, or koffi in this process, is not to be had
 */
export function opensslSeal(key: Uint8Array): Seal | undefined {
  const library = openssl();
  if (library === undefined) return undefined;
  const [sealing, opening] = [library.newContext(), library.newContext()];
  const cipher = library.cipher();
  if (sealing === 0 || opening === 0 || cipher === 0) return undefined;
  const ready =
    library.begin(sealing, cipher, 0, key, null, ENCRYPT) === DONE &&
    library.begin(opening, cipher, 0, key, null, DECRYPT) === DONE;
  return ready ? new OpenSeal(library, sealing, opening) : undefined;
}

const ENCRYPT = 1;
const DECRYPT = 0;
const GET_TAG = 0x10;
const SET_TAG = 0x11;

class OpenSeal implements Seal {
  readonly tagBytes = TAG_BYTES;
  readonly #library: Library;
  readonly #sealing: number;
  readonly #opening: number;
  readonly #nonce = new Uint8Array(NONCE_BYTES);
  readonly #sizeBytes = new Int32Array(1);

  constructor(library: Library, sealing: number, opening: number) {
    this.#library = library;
    this.#sealing = sealing;
    this.#opening = opening;
  }

  seal(number: bigint, head: Uint8Array, body: Uint8Array, into: Uint8Array): void {
    const { control, final } = this.#library;
    const context = this.#sealing;
    const end = this.#through(context, ENCRYPT, number, head, body, into);
    assert(final(context, end, this.#sizeBytes) === DONE, DOES);
    assert(control(context, GET_TAG, TAG_BYTES, end) === DONE, DOES);
  }

  open(number: bigint, head: Uint8Array, sealed: Uint8Array, into: Uint8Array): boolean {
    const { addresses, control, final } = this.#library;
    const context = this.#opening;
    const bodyBytes = sealed.length - TAG_BYTES;
    const body = sealed.subarray(0, bodyBytes);
    const end = this.#through(context, DECRYPT, number, head, body, into);
    const tag = addresses.of(sealed) + bodyBytes;
    assert(control(context, SET_TAG, TAG_BYTES, tag) === DONE, DOES);
    return final(context, end, this.#sizeBytes) === DONE;
  }

  /** @returns the address behind the last byte that was put into `into` */
  #through(
    context: number,
    direction: number,
    number: bigint,
    head: Uint8Array,
    body: Uint8Array,
    into: Uint8Array,
  ): number {
    const { addresses, begin, update } = this.#library;
    const sizeBytes = this.#sizeBytes;
    nonceOf(number, this.#nonce);
    const out = addresses.of(into);
    assert(begin(context, 0, 0, null, this.#nonce, direction) === DONE, DOES);
    assert(update(context, 0, sizeBytes, addresses.of(head), head.length) === DONE, DOES);
    if (body.length > 0) {
      assert(update(context, out, sizeBytes, addresses.of(body), body.length) === DONE, DOES);
    }
    return out + body.length;
  }
}

const DOES = "OpenSSL goes on with a cipher that it began";

/** Contexts, ciphers and places are addresses. */
interface Library {
  readonly addresses: Addresses;
  newContext(): number;
  cipher(): number;
  begin(
    context: number,
    cipher: number,
    engine: number,
    key: Uint8Array | null,
    nonce: Uint8Array | null,
    encrypts: number,
  ): number;
  update(context: number, out: number, size: Int32Array, from: number, sizeBytes: number): number;
  final(context: number, out: number, size: Int32Array): number;
  control(context: number, command: number, sizeBytes: number, place: number): number;
}

const openssl = opensslFunctions<Library>((declare, koffi) => ({
  addresses: new Addresses(koffi),
  newContext: declare("uintptr_t EVP_CIPHER_CTX_new()"),
  cipher: declare("uintptr_t EVP_aes_256_gcm()"),
  begin: declare(
    "int EVP_CipherInit_ex(uintptr_t, uintptr_t, uintptr_t, const void *, const void *, int)",
  ),
  update: declare("int EVP_CipherUpdate(uintptr_t, uintptr_t, void *, uintptr_t, int)"),
  final: declare("int EVP_CipherFinal_ex(uintptr_t, uintptr_t, void *)"),
  control: declare("int EVP_CIPHER_CTX_ctrl(uintptr_t, int, int, uintptr_t)"),
}));
