import { ZvmError } from "../../base/index.ts";
import { shownPath } from "./failure.ts";

/** Longest names in bytes of UTF-8, as in Swift. */
export const NAME_BYTES_MAX = { account: 256, container: 256, object: 1024 } as const;

type Role = keyof typeof NAME_BYTES_MAX;

export interface ContainerAddress {
  readonly account: string;
  readonly container: string;
}

export interface ObjectAddress extends ContainerAddress {
  readonly object: string;
}

/**
 * Judges a name by Swift's rules: any text but for zero bytes; a slash only in names of objects.
 * Dots and control characters mean nothing to us: no name ever becomes a path of the host.
 * @throws ZvmError ZVM_STORE_NAME or ZVM_STORE_TEXT
 */
export function checkName(role: Role, name: string): void {
  if (!isText(name)) {
    throw new ZvmError("ZVM_STORE_TEXT", `The ${role} name ${shownPath(name)} is no UTF-8 text`);
  }
  const most = NAME_BYTES_MAX[role];
  const bytes = Buffer.byteLength(name);
  if (bytes === 0 || bytes > most) {
    const message = `The ${role} name has ${bytes} bytes; it may have 1 to ${most}`;
    throw new ZvmError("ZVM_STORE_NAME", message);
  }
  if (role !== "object" && name.includes("/")) {
    throw new ZvmError("ZVM_STORE_NAME", `The ${role} name ${shownPath(name)} has a slash`);
  }
}

/** Whether it can be written as UTF-8 and stands in a key: no zero byte, no half of a pair. */
export function isText(text: string): boolean {
  return !text.includes("\0") && !LONE_SURROGATE.test(text);
}

const LONE_SURROGATE = /\p{Surrogate}/u;

/** @throws ZvmError ZVM_STORE_NAME or ZVM_STORE_TEXT */
export function checkContainerAddress({ account, container }: ContainerAddress): void {
  checkName("account", account);
  checkName("container", container);
}

/** @throws ZvmError ZVM_STORE_NAME or ZVM_STORE_TEXT */
export function checkObjectAddress(address: ObjectAddress): void {
  checkContainerAddress(address);
  checkName("object", address.object);
}
