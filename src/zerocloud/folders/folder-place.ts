import { mkdirSync } from "node:fs";
import { type ByteString, byteStringOfText, printable, ZvmError } from "../../base/index.ts";
import { DEPTH_MAX, type HostFolder } from "../../zerovm/image/index.ts";
import { OWN_ACCOUNT } from "../job/index.ts";
import type { StoredItem } from "../plan/index.ts";
import { codeOf } from "./host-error.ts";

/** Where an object is or would be: folders from the container on, and the name of its file. */
export interface FolderPlace {
  readonly folders: readonly ByteString[];
  readonly name: ByteString;
}

/** `container/object` as messages show it. */
export function shownItem({ container, object }: StoredItem): string {
  return printable(object === undefined ? container : `${container}/${object}`);
}

/** @throws ZvmError ZVM_STORE_NOT_FOUND for another account */
export function judgeAccount({ account }: StoredItem): void {
  if (account === OWN_ACCOUNT) return;
  throw new ZvmError("ZVM_STORE_NOT_FOUND", `There is no account ${printable(account)}`);
}

/**
 * @throws ZvmError ZVM_STORE_NOT_FOUND for another account, or a container; ZVM_STORE_NAME for a
 *   name that no file can have
 */
export function placeOf(item: StoredItem): FolderPlace {
  judgeAccount(item);
  const { container, object } = item;
  if (object === undefined) {
    throw new ZvmError("ZVM_STORE_NOT_FOUND", `${shownItem(item)} is a container`);
  }
  const parts = [container, ...object.split("/")];
  const isOdd = parts.some((part) => part === "" || part === "." || part === "..");
  if (isOdd || container.includes("/") || object.includes("\0") || parts.length > DEPTH_MAX) {
    throw new ZvmError("ZVM_STORE_NAME", `No file can be called ${shownItem(item)}`);
  }
  const names = parts.map(byteStringOfText);
  return { folders: names.slice(0, -1), name: names.at(-1) ?? "" };
}

/**
 * Enters folder by folder and gives the last one to `use`, without following links.
 * @param makes whether folders that are not there are made, but for the container
 * @throws the error of the host
 */
export function inFolder<Result>(
  store: HostFolder,
  folders: readonly ByteString[],
  makes: boolean,
  use: (folder: HostFolder) => Result,
): Result {
  let at = store;
  try {
    for (const [depth, name] of folders.entries()) {
      const inner = enter(at, name, makes && depth > 0);
      if (at !== store) at.close();
      at = inner;
    }
    return use(at);
  } finally {
    if (at !== store) at.close();
  }
}

function enter(folder: HostFolder, name: ByteString, makes: boolean): HostFolder {
  if (makes) makeFolder(folder, name);
  return folder.openFolder(name);
}

function makeFolder(folder: HostFolder, name: ByteString): void {
  try {
    mkdirSync(folder.at(name));
  } catch (error) {
    // What is there and is no folder shows when it is entered.
    if (codeOf(error) !== "EEXIST") throw error;
  }
}
