import type { StoredItem } from "../plan/index.ts";
import type { ItemReading, ItemStat, Storage } from "./storage.ts";

/**
 * A store as one request for a job reaches it, in the name of whoever sent the request. What it is
 * asked may be another server's to answer, under the name of that request: it is therefore kept for
 * as long as the job needs it, and no longer.
 */
export interface JobStore {
  /** The sender as programs and logs know him, such as `ACCOUNT:USER`; undefined for nobody. */
  userName(): Promise<string | undefined>;
  /** @param app that runs, where the job came from one: containers may let people in through it */
  storage(app?: LoadedApp): Promise<Storage>;
  /**
   * Whether the sender may run jobs on an account: its owner may, and others through an app for
   * which a container of that very account lets them in.
   */
  mayExecute(account: string, app?: LoadedApp): Promise<boolean>;
  /** Whether the account is the sender's own, whose jobs he may look at and cancel. */
  owns(account: string): Promise<boolean>;
  /**
   * Opens the object that may hold a job, for a sender who may read it.
   * @throws ZvmError ZVM_STORE_DENIED, also where only its owner may know that there is none
   */
  openApp(item: ObjectName, terms: AppTerms): Promise<OpenedApp>;
  /** What a container says of itself, without a right of the sender; undefined where it is not. */
  container(address: ContainerName): Promise<ContainerFacts | undefined>;
  /**
   * Makes a container for the result of a job.
   * @throws ZvmError ZVM_STORE_DENIED where the sender may not, and others of the store
   */
  createContainer(address: ContainerName): Promise<void>;
  /**
   * Told that a job needs the store, also when its request is answered or its client went away.
   * @returns called when it does so no more
   */
  keep(): () => void;
}

export type ContainerName = Pick<StoredItem, "account" | "container">;

export interface ObjectName extends ContainerName {
  readonly object: string;
}

/** A container as its account's owner made it. */
export interface ContainerFacts {
  readonly account: string;
  /** Its `x-container-meta-` headers as texts, names in lower case. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** The app that a request really loaded and runs: what a container's grant names must be this. */
export interface LoadedApp extends ObjectName {
  /** MD5 of what was loaded, in hexadecimal. */
  readonly etag: string;
  /** The account whose job it is, what `~` means in it: containers of others grant it nothing. */
  readonly runsIn: string;
}

export interface AppTerms {
  /** The account whose job it is to be. */
  readonly runsIn: string;
  /** Whether its container may let people read it through the very object that is opened. */
  readonly byGrant: boolean;
}

/** An object that was opened for whoever may read it, and of which no byte was read yet. */
export interface OpenedObject {
  readonly stat: ItemStat;
  /**
   * Its bytes as they were when it was opened, once. To close them closes all, and so does a
   * failure.
   */
  read(): Promise<ItemReading>;
  /** May be called more than once. */
  close(): Promise<void>;
}

export interface OpenedApp extends OpenedObject {
  /** What it is where it turns out to hold a job. */
  readonly app: LoadedApp;
}
