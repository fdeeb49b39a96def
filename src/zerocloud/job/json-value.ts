/** A JSON text as a tree in which every value knows where it stands. */
interface Standing {
  /** Offset of its first character in the text. */
  readonly at: number;
}

export interface JsonObject extends Standing {
  readonly kind: "object";
  readonly members: ReadonlyMap<string, JsonMember>;
}

export interface JsonMember {
  readonly keyAt: number;
  readonly value: JsonValue;
}

export interface JsonArray extends Standing {
  readonly kind: "array";
  readonly items: readonly JsonValue[];
}

export interface JsonString extends Standing {
  readonly kind: "string";
  readonly text: string;
}

export interface JsonNumber extends Standing {
  readonly kind: "number";
  /** As it was written. */
  readonly text: string;
}

export interface JsonBoolean extends Standing {
  readonly kind: "boolean";
  readonly value: boolean;
}

export interface JsonNull extends Standing {
  readonly kind: "null";
}

export type JsonValue = JsonObject | JsonArray | JsonString | JsonNumber | JsonBoolean | JsonNull;

/** A value in a message, as short as it can be: what it is where it holds others. */
export function textOfJson(value: JsonValue): string {
  if (value.kind === "string") return JSON.stringify(value.text);
  if (value.kind === "number") return value.text;
  if (value.kind === "boolean") return String(value.value);
  return value.kind === "null" ? "null" : `an ${value.kind}`;
}

/** The steps from the root of a JSON text to one of its values. */
export type JsonSteps = readonly (string | number)[];

/** The steps as a JSON pointer (RFC 6901): `/0/devices/2/path`; empty for the root. */
export function pointerOf(steps: JsonSteps): string {
  return steps
    .map((step) => `/${String(step).replaceAll("~", "~0").replaceAll("/", "~1")}`)
    .join("");
}
