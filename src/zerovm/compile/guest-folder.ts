import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";

/**
 * The folder of our own C that becomes part of nexe programs: `runtime` of all of them, `include`
 * and `zrt` of those with a C library.
 */
export function guestFolder(): string {
  const beside = join(import.meta.dirname, "guest");
  return existsSync(beside) ? beside : join(import.meta.dirname, "../../nacl/libc");
}

/** Every file of it, in an order that is always the same. */
export function guestFiles(guest: string): string[] {
  const entries = readdirSync(guest, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  return files.map((entry) => join(entry.parentPath, entry.name)).sort();
}
