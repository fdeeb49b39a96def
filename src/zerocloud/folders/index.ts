/** Folders of the host that stand for the containers of a store. */
export { FolderListings } from "./folder-listings.ts";
export { FolderStorage } from "./folder-storage.ts";
export { type LeftOut, MOST_LEFT_OUT } from "./left-out.ts";
