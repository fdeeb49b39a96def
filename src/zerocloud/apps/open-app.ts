import { type DocumentLimits, type JobDocument, readStored } from "../execute/index.ts";
import { canBeApp, type ObjectItem } from "../request/index.ts";
import { isRefusal, type Refusal } from "../result/index.ts";
import type { JobStore, LoadedApp } from "../storage/index.ts";

/** An app that is ready to run; whoever has it closes its image. */
export interface OpenedApp {
  readonly kind: "app";
  /** The object that was really loaded: what grants of containers are compared with. */
  readonly loaded: LoadedApp;
  readonly document: JobDocument;
}

/** An object that may be read, and is no app. */
export interface NoApp {
  readonly kind: "no-app";
}

export interface AppRequest {
  /** The account in which the app is to run. */
  readonly account: string;
  /** How it was asked for. */
  readonly through: "open" | "api";
}

/**
 * Opens an app as it is now; nothing of it is kept from one request to the next. Through `api` a
 * container may let people read its app who have no other right to it; through `open` it may not.
 * @throws ZvmError ZVM_STORE_DENIED, ZVM_STORE_NOT_FOUND, and others of the store
 */
export async function openApp(
  store: Pick<JobStore, "openApp">,
  item: ObjectItem,
  { account, through }: AppRequest,
  limits: DocumentLimits,
): Promise<OpenedApp | NoApp | Refusal> {
  const opened = await store.openApp(item, { runsIn: account, byGrant: through === "api" });
  const { contentType, sizeBytes } = opened.stat;
  if (sizeBytes === 0 || !canBeApp(contentType, through)) {
    await opened.close();
    return NO_APP;
  }
  const document = await readStored(opened, limits, { version: "", account });
  if (!isRefusal(document)) return { kind: "app", loaded: opened.app, document };
  // What has no job inside is an object like others; one that is damaged is told of.
  return document.status === NO_JOB ? NO_APP : document;
}

const NO_APP: NoApp = Object.freeze({ kind: "no-app" });

/** Status of an archive that has no job in its head. */
const NO_JOB = 400;
