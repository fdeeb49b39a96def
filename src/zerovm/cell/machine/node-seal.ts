import type { Seal } from "../../../channels/index.ts";

const CIPHER = "aes-256-gcm";
export const TAG_BYTES = 16;
export const NONCE_BYTES = 12;

/** AES-256-GCM of `node:crypto`, which is loaded when the first seal is made. */
export function nodeSeal(key: Uint8Array): Seal {
  const { createCipheriv, createDecipheriv } = process.getBuiltinModule("node:crypto");
  const nonce = new Uint8Array(NONCE_BYTES);
  return {
    tagBytes: TAG_BYTES,
    seal(number, head, body, into) {
      nonceOf(number, nonce);
      const cipher = createCipheriv(CIPHER, key, nonce).setAAD(head);
      into.set(cipher.update(body));
      cipher.final();
      into.set(cipher.getAuthTag(), body.length);
    },
    open(number, head, sealed, into) {
      nonceOf(number, nonce);
      const decipher = createDecipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES });
      const bodyBytes = sealed.length - TAG_BYTES;
      decipher.setAAD(head).setAuthTag(sealed.subarray(bodyBytes));
      into.set(decipher.update(sealed.subarray(0, bodyBytes)));
      try {
        decipher.final();
        return true;
      } catch {
        return false;
      }
    },
  };
}

/** The number of a message in its direction, as a nonce: no two messages of a key have one. */
export function nonceOf(number: bigint, into: Uint8Array): void {
  new DataView(into.buffer).setBigUint64(NONCE_BYTES - 8, number);
}
