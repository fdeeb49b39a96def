import type { Exec } from "./job.ts";
import { EXEC_KEYS } from "./keys.ts";
import {
  article,
  type Fields,
  isObjectSpot,
  type JobReader,
  membersAt,
  type Spot,
  textAt,
} from "./reader.ts";
import { type FileUrl, hasControls, isWildcard, parseUrl, type SwiftUrl } from "./url.ts";

/** The program of a group, with what it is started with; undefined where it is refused. */
export function readExec(reader: JobReader, spot: Spot, node: string): Exec | undefined {
  if (!isObjectSpot(spot)) return reader.misfit(spot, "exec", article("object"));
  const fields = reader.fields(spot, EXEC_KEYS);
  const program = readProgram(reader, fields.path ?? spot, textAt(fields.path), node);
  const env = readEnv(reader, fields.env, node);
  refuseControls(reader, fields, node);
  if (program === undefined) return undefined;
  const name = textAt(fields.name) ?? "";
  return {
    program,
    place: reader.placeOf(fields.path ?? spot),
    name,
    args: textAt(fields.args) ?? "",
    env,
  };
}

function readProgram(
  reader: JobReader,
  spot: Spot,
  path: string | undefined,
  node: string,
): SwiftUrl | FileUrl | undefined {
  if (path === undefined || path === "") return reader.report("exec-path-missing", spot, { node });
  // Even a path that is no URL is first looked at for what breaks the lines of a session.
  if (hasControls(path)) return reader.report("exec-property", spot, { node });
  const url = parseUrl(path);
  if ("fault" in url) {
    if (url.fault === "invalid") return reader.report("path", spot, { url: path });
    const isZvm = path.startsWith("zvm://");
    if (isZvm) return reader.report("exec-path-zvm", spot, { node });
    return reader.report("exec-path-missing", spot, { node }, { expected: PROGRAM_URL });
  }
  if (url.scheme === "zvm") return reader.report("exec-path-zvm", spot, { node });
  if (url.scheme === "file") return url;
  if (url.scheme !== "swift") {
    const words = { url: path, what: "is no program" };
    return reader.report("exec-not-found", spot, words, { expected: PROGRAM_URL });
  }
  if (isWildcard(url)) {
    const expected = "one program: there are no wildcards in exec.path";
    return reader.report("path", spot, { url: path }, { expected });
  }
  if (url.object !== undefined) return url;
  return reader.report("exec-path-missing", spot, { node }, { expected: PROGRAM_URL });
}

const PROGRAM_URL = "swift://ACCOUNT/CONTAINER/OBJECT or file://IMAGE:PATH";

function refuseControls(
  reader: JobReader,
  fields: Fields<keyof typeof EXEC_KEYS>,
  node: string,
): void {
  for (const spot of [fields.name, fields.args]) {
    const text = textAt(spot) ?? "";
    if (spot !== undefined && hasControls(text)) reader.report("exec-property", spot, { node });
  }
}

/** A key ends at the first `=`, and a comma ends the line of the session that holds it. */
const KEY_BREAKS = /[=,]/;

function readEnv(
  reader: JobReader,
  spot: Spot | undefined,
  node: string,
): Readonly<Record<string, string>> {
  const env: [string, string][] = [];
  for (const [key, member] of membersAt(spot)) {
    const text = textOfEnv(member);
    if (text === undefined || hasControls(text)) {
      const expected = "text without control characters, a number or null";
      reader.report("exec-property", member, { node }, { expected });
    } else if (key === "" || KEY_BREAKS.test(key) || hasControls(key)) {
      const expected = "a key that is not empty, without control characters, = and comma";
      reader.report("exec-property", member, { node }, { expected });
    } else if (text !== "") {
      env.push([key, text]);
    }
  }
  return Object.fromEntries(env);
}

/** Empty for what is left out: null, and zero as any number that is written for it. */
function textOfEnv({ value }: Spot): string | undefined {
  if (value.kind === "string") return value.text;
  if (value.kind === "null") return "";
  if (value.kind !== "number") return undefined;
  return Number(value.text) === 0 ? "" : value.text;
}
