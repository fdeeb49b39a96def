/** Keys of the tables: an id of 6 bytes, then a name in UTF-8, so that they sort as in Swift. */

const ID_BYTES = 6;

/** Key of an item in its parent: a container in an account, an object in a container. */
export function keyOf(parent: number, name: string | Uint8Array): Buffer {
  const bytes = typeof name === "string" ? Buffer.from(name) : name;
  const key = Buffer.allocUnsafe(ID_BYTES + bytes.length);
  key.writeUIntBE(parent, 0, ID_BYTES);
  key.set(bytes, ID_BYTES);
  return key;
}

/** The first key that is no item of this parent. */
export function endOf(parent: number): Buffer {
  return keyOf(parent + 1, "");
}

export function parentOf(key: Buffer): number {
  return key.readUIntBE(0, ID_BYTES);
}

/** Bytes of the name in a key. */
export function nameIn(key: Buffer): Buffer {
  return key.subarray(ID_BYTES);
}

const SECONDS_BYTES = 6;

/** Key of the index of objects that expire: seconds, then the object's key. */
export function expiryKey(deleteAtS: number, object: Buffer): Buffer {
  const key = Buffer.allocUnsafe(SECONDS_BYTES + object.length);
  key.writeUIntBE(deleteAtS, 0, SECONDS_BYTES);
  key.set(object, SECONDS_BYTES);
  return key;
}

/** The first key of that index that is not due yet. */
export function expiryEnd(nowS: number): Buffer {
  return expiryKey(nowS + 1, Buffer.alloc(0));
}

/** The last second that the index of objects that expire can hold. */
export const DELETE_AT_S_MAX = 2 ** 48 - 2;

/** The object's key in a key of that index. */
export function expiringIn(key: Buffer): Buffer {
  return key.subarray(SECONDS_BYTES);
}

/** The first name that does not begin with these bytes; undefined where all later ones do. */
export function successorOf(prefix: Buffer): Buffer | undefined {
  let length = prefix.length;
  while (length > 0 && prefix[length - 1] === 0xff) length -= 1;
  if (length === 0) return undefined;
  const next = Buffer.from(prefix.subarray(0, length));
  next[length - 1] = (next[length - 1] ?? 0) + 1;
  return next;
}
