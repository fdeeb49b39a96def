import { type Form, MANDATORY, type Modrm, type Vex } from "./form.ts";

const MAPS: Readonly<Record<string, number>> = { "0f": 1, "0f38": 2, "0f3a": 3 };
const PREFIXES: Readonly<Record<string, number>> = {
  np: 0,
  66: MANDATORY.data16,
  f2: MANDATORY.repne,
  f3: MANDATORY.rep,
  "66+f2": MANDATORY.data16 | MANDATORY.repne,
};

/** What the column of the encoding says. */
export type Place = Pick<
  Form,
  "map" | "opcode" | "mandatory" | "vex" | "opcodeRegister" | "modrm" | "suffix"
>;

/** Reads an encoding as `row-text.ts` describes it. */
export function readEncoding(text: string): Place {
  const tokens = text.split(" ");
  const { map, mandatory, vex } = readMap(tokens);
  const [code = "", ...rest] = tokens;
  const modrm = rest.find((token) => token.startsWith("/"));
  const suffix = rest.find((token) => token.startsWith("="));
  return {
    map,
    mandatory,
    vex,
    opcode: Number.parseInt(code, 16),
    opcodeRegister: code.endsWith("+r"),
    modrm: readModrm(modrm),
    suffix: suffix === undefined ? undefined : Number.parseInt(suffix.slice(1), 16),
  };
}

/** Takes the tokens before the opcode off the list. */
function readMap(tokens: string[]): Pick<Place, "map" | "mandatory" | "vex"> {
  const first = tokens[0] ?? "";
  if (first.startsWith("vex.")) {
    tokens.shift();
    const [, prefix = "", map = "", l, w] = first.split(".");
    const vex: Vex = { l: l === "l1" ? 1 : 0, w: w === "wy" ? undefined : w === "w1" ? 1 : 0 };
    return { map: MAPS[map] ?? 0, mandatory: PREFIXES[prefix] ?? 0, vex };
  }
  const followed = /^[0-9a-f]/.test(tokens[1] ?? "");
  const mandatory = followed ? PREFIXES[first] : undefined;
  if (mandatory !== undefined) tokens.shift();
  const map = MAPS[tokens[0] ?? ""];
  if (map !== undefined) tokens.shift();
  return { map: map ?? 0, mandatory: mandatory ?? 0, vex: undefined };
}

function readModrm(token: string | undefined): Modrm {
  const [what = "", only = ""] = (token ?? "").slice(1).split(":");
  const fixed = what.length === 2 ? Number.parseInt(what, 16) : undefined;
  return {
    present: token !== undefined,
    extension: /^\d$/.test(what) ? Number(what) : undefined,
    fixed,
    register: only !== "m",
    memory: only !== "r" && fixed === undefined,
  };
}
