/** Values of headers as Swift writes and reads them. */

const STAMPS_PER_S = 100_000;

/** `x-object-meta-a` as Swift writes it, `X-Object-Meta-A`. */
export function titleCase(name: string): string {
  return name.replace(/(?:^|-)[a-z]/g, (begin) => begin.toUpperCase());
}

/** Whether a value says yes, in the words that Swift takes. */
export function saysYes(value: string | undefined): boolean {
  return ["true", "1", "yes", "on", "t", "y"].includes((value ?? "").toLowerCase());
}

/** `Last-Modified`: whole seconds, never before the change itself. */
export function httpDate(stamp: number): string {
  return new Date(Math.ceil(stamp / STAMPS_PER_S) * 1000).toUTCString();
}

/** As in listings: `2023-11-14T22:13:20.000010`. */
export function listingDate(stamp: number): string {
  const seconds = Math.floor(stamp / STAMPS_PER_S);
  const micros = String((stamp % STAMPS_PER_S) * 10).padStart(6, "0");
  return `${new Date(seconds * 1000).toISOString().slice(0, 19)}.${micros}`;
}
