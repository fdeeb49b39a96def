import { type Refusal, refuse } from "../result/index.ts";
import { jobUrlOf, type ObjectItem } from "./address.ts";
import { REGISTRY_CONTAINER } from "./deferral.ts";
import { mediaType } from "./header-table.ts";
import type { Query } from "./wishes.ts";

/** The content type of programs. */
export const PROGRAM_TYPE = "application/x-nexe";

/**
 * The object that holds the template for objects of a content type; undefined for what is no type,
 * and could name something else.
 */
export function templateItem(account: string, contentType: string): ObjectItem | undefined {
  const type = mediaType(contentType);
  if (!/^[\w!#$&^+-][\w!#$&^.+-]*\/[\w!#$&^+-][\w!#$&^.+-]*$/.test(type)) return undefined;
  return { account, container: REGISTRY_CONTAINER, object: `${type}/config` };
}

/** Whether an object is itself a program that `open` runs, where no template says otherwise. */
export function isProgramType(contentType: string): boolean {
  return mediaType(contentType) === PROGRAM_TYPE;
}

/** The job that runs an object that is a program: the query has its arguments. */
export function programJob(item: ObjectItem, query: Query): string | Refusal {
  const url = jobUrlOf(item);
  if (typeof url !== "string") return url;
  const group = {
    name: "executable",
    exec: { path: url, args: query.get("args") ?? "" },
    devices: [{ name: "stdout", content_type: query.get("content_type") ?? "text/plain" }],
  };
  return JSON.stringify([group]);
}

/** The refusal where nothing opens an object. */
export function noApplication(contentType: string): Refusal {
  return refuse(404, `No application registered for ${mediaType(contentType)}`);
}
