const TEXT_LENGTH_MAX = 2048;
const HIDDEN = "…";

/**
 * Secrets that a text could quote: tokens of ours, the values of headers that carry them, passwords
 * in URLs, and signatures in queries.
 */
const SECRETS: readonly RegExp[] = [
  /(AUTH_tk)[0-9a-f]+/gi,
  /(\b(?:x-auth-token|x-auth-key|x-storage-token|x-storage-pass|x-service-token|authorization|proxy-authorization|cookie|set-cookie)["']?\s*[:=]\s*).+/gi,
  /(\b(?:temp_url_sig|signature|token|key|password)=)[^&\s]+/gi,
  /(:\/\/[^\s/:@]*:)[^\s/@]+(?=@)/g,
  /(\$scrypt\$)\S+/g,
];

/** A text for the log: without secrets, and no longer than a line should be. */
export function scrub(text: string): string {
  const start = text.slice(0, TEXT_LENGTH_MAX).replace(/[\uD800-\uDBFF]$/, "");
  const short = start.length < text.length ? `${start}${HIDDEN}` : start;
  return SECRETS.reduce((rest, secret) => rest.replace(secret, `$1${HIDDEN}`), short);
}

/** A path without its query. */
export function pathOnly(path: string): string {
  return scrub(path.replace(/\?.*$/s, ""));
}
