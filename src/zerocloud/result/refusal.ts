/** Why a request is not served: data for the one who sent it, never thrown. */
export interface Refusal {
  readonly kind: "refusal";
  /** Of HTTP. */
  readonly status: number;
  /** One line or several, without a line break at the end. */
  readonly text: string;
}

export function refuse(status: number, text: string): Refusal {
  return { kind: "refusal", status, text };
}

export function isRefusal(value: unknown): value is Refusal {
  return typeof value === "object" && value !== null && "kind" in value && value.kind === "refusal";
}
