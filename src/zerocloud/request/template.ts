import { readJson, STANDARD_JOB_LIMITS } from "../job/index.ts";
import { type Refusal, refuse } from "../result/index.ts";
import { utf8Text } from "./header-table.ts";
import type { Query } from "./wishes.ts";

/** A text in JSON with its quotation marks; the colon behind it says that it is a key. */
const JSON_STRING = /"[^"\\]*(?:\\.[^"\\]*)*"(\s*:)?/g;

/** `{.name}` or `{.name=default}`. Neither part holds braces, so that every search is short. */
const VARIABLE = /\{\.([^={}]+)(?:=([^{}]*))?\}/g;

/** The variable that no query sets. */
export const OBJECT_PATH = "object_path";

export interface TemplateLimits {
  /** `job-bytes`: of the template, and of the job that it comes to. */
  readonly bytesMax: number;
  /** `job-depth`. */
  readonly depthMax: number;
}

export const STANDARD_TEMPLATE_LIMITS: TemplateLimits = Object.freeze({
  bytesMax: STANDARD_JOB_LIMITS["job-bytes"],
  depthMax: STANDARD_JOB_LIMITS["job-depth"],
});

/**
 * Fills a template for the object that was asked for. It is read as JSON first, and variables count
 * inside of its texts only, keys not among them: whatever a value is, it stays part of the text
 * that it was put into. What is put in is not looked at again.
 * @param template bytes of the registered object
 * @param path of that object, for messages
 * @param objectUrl what `{.object_path}` stands for
 * @returns the text of a job
 */
export function fillTemplate(
  template: Uint8Array,
  path: string,
  query: Query,
  objectUrl: string,
  { bytesMax, depthMax }: TemplateLimits = STANDARD_TEMPLATE_LIMITS,
): string | Refusal {
  const tooLarge = refuse(413, `Config file at ${path} is too large`);
  if (template.length > bytesMax) return tooLarge;
  const text = utf8Text(template);
  if (text === undefined || readJson(text, depthMax).value === undefined) {
    return refuse(422, `Could not parse system map: ${path} is no JSON`);
  }
  const values = new Map([...query, [OBJECT_PATH, objectUrl]]);
  let roomBytes = bytesMax;
  const pieces: string[] = [];
  let at = 0;
  for (const { 0: token, 1: colon, index } of text.matchAll(JSON_STRING)) {
    const filled = colon === undefined ? fillText(token, values, roomBytes) : token;
    pieces.push(text.slice(at, index), filled);
    roomBytes -= index - at + filled.length;
    if (roomBytes < 0) return tooLarge;
    at = index + token.length;
  }
  const job = [...pieces, text.slice(at)].join("");
  return new TextEncoder().encode(job).length > bytesMax ? tooLarge : job;
}

/** A text with its variables filled in, up to a little more than there is room for. */
function fillText(token: string, values: Query, roomBytes: number): string {
  // Tokens were found to be JSON.
  const text: string = JSON.parse(token);
  if (!text.includes("{.")) return token;
  let room = roomBytes;
  return JSON.stringify(
    text.replace(VARIABLE, (_, name: string, standard = "") => {
      const value = room < 0 ? "" : (values.get(name) ?? standard);
      room -= value.length;
      return value;
    }),
  );
}
