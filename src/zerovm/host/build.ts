/** The digest of all that the bundles were made from, which the bundler puts here. */
declare const ZEROVM_BUILD: string | undefined;

/**
 * Which build of this program in which engine: client and host have to be of the same.
 * @returns undefined where the sources run as they are
 */
export function buildOf(): string | undefined {
  if (typeof ZEROVM_BUILD === "undefined") return undefined;
  return `zerovm host ${process.version} ${ZEROVM_BUILD}`;
}
