import { type Exchange, refuse } from "../exchange/index.ts";

/** Headers that ask for what OpenStack Swift does and this store does not. */
const HEADERS: Readonly<Record<string, string>> = {
  "x-symlink-target": "Symbolic links",
  "x-versions-enabled": "Versions of objects",
  "x-versions-location": "Versions of objects",
  "x-history-location": "Versions of objects",
  "x-container-sync-to": "Container sync",
  "x-container-sync-key": "Container sync",
  "x-account-access-control": "Access lists of accounts; those of containers work",
  "x-container-meta-quota-bytes": "Quotas",
  "x-container-meta-quota-count": "Quotas",
  "x-account-meta-quota-bytes": "Quotas",
};

/** Parameters that ask for such. */
const PARAMETERS: Readonly<Record<string, string>> = {
  "extract-archive": "Bulk upload",
  "bulk-delete": "Bulk deletion",
  temp_url_sig: "Temporary URLs",
  versions: "Versions of objects",
  "version-id": "Versions of objects",
  "part-number": "Parts of large objects by their numbers",
};

/**
 * Refuses in words what would otherwise be silently left out: a header that was believed to work
 * and did not would cost data.
 * @throws ZvmError ZVM_HTTP_UNSUPPORTED
 */
export function judgeSupported(exchange: Exchange): void {
  for (const [name, what] of Object.entries(HEADERS)) {
    // An empty value takes something away that nobody can have set.
    if (exchange.request.headers[name]) refuseFeature(what, name);
  }
  for (const [name, what] of Object.entries(PARAMETERS)) {
    if (exchange.query.has(name)) refuseFeature(what, name);
  }
}

function refuseFeature(what: string, name: string): never {
  refuse("ZVM_HTTP_UNSUPPORTED", `${what} (${name}): only OpenStack Swift itself does this`);
}
