/** Variables of the environment, as they change what a guest begins with. */
import type { ByteString } from "../base/index.ts";
import type { ZrtOptions } from "./zrt-options.ts";

/** As `setenv` does it, one after the other: the first of a name has the new value. */
export function withVariables(old: ZrtOptions["env"], added: ZrtOptions["env"]): ZrtOptions["env"] {
  const env = [...old];
  for (const [name, value] of added) {
    const at = env.findIndex(([known]) => known === name);
    env[at < 0 ? env.length : at] = [name, value];
  }
  return env;
}

/** A user or group by its number; 1 where the variable is none. */
export function identity(value: ByteString | undefined): number {
  const number = value === undefined || !/^\d{1,9}$/.test(value) ? 0 : Number(value);
  return number > 0 ? number : 1;
}
