import { open } from "node:fs/promises";
import { type Diagnostic, formatDiagnostic, printable, ZvmError } from "../../base/index.ts";
import { ACCOUNTS_BYTES_MAX, type AccountsFile, parseAccounts } from "./accounts-file.ts";

export interface ReadAccounts {
  readonly users: AccountsFile["users"];
  readonly warnings: readonly Diagnostic[];
}

const OTHERS_MAY_READ = 0o044;

/**
 * Reads an accounts file; a warning says that others may read its keys.
 * @throws ZvmError ZVM_FILE, or ZVM_AUTH with all findings
 */
export async function readAccounts(path: string): Promise<ReadAccounts> {
  const { text, mode } = await readBounded(path);
  const { users, findings } = parseAccounts(text);
  const errors = findings.filter(({ severity }) => severity === "error");
  const [first] = errors;
  if (first !== undefined) {
    const { hint: _, ...found } = first;
    const message = formatDiagnostic(printable(path), found);
    throw new ZvmError("ZVM_AUTH", message, { diagnostics: errors });
  }
  const isOpen = (mode & OTHERS_MAY_READ) !== 0;
  const hasPlain = [...users.values()].some(({ key }) => key.kind === "plain");
  const message = `Others may read the keys in ${printable(path)}`;
  const hint = "chmod 600 it, or keep hashes in it: zerovm config key";
  const open: Diagnostic[] = isOpen && hasPlain ? [{ severity: "warning", message, hint }] : [];
  return { users, warnings: [...open, ...findings] };
}

/** One byte more than may be shows that there are too many. */
async function readBounded(path: string): Promise<{ text: string; mode: number }> {
  try {
    const file = await open(path, "r");
    try {
      const bytes = Buffer.alloc(ACCOUNTS_BYTES_MAX + 1);
      let used = 0;
      for (;;) {
        const { bytesRead } = await file.read(bytes, used, bytes.length - used, null);
        used += bytesRead;
        if (bytesRead === 0 || used === bytes.length) break;
      }
      return { text: bytes.toString("utf8", 0, used), mode: (await file.stat()).mode };
    } finally {
      await file.close();
    }
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ZvmError("ZVM_FILE", `Cannot read the accounts file: ${reason}`, { cause });
  }
}
