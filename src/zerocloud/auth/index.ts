/** TempAuth v1: accounts of a file, tokens for them, and who a request is from. */
export { type AccountsFile, type AuthUser, parseAccounts } from "./accounts-file.ts";
export type { AuthAnswer, AuthHeaders, AuthRequest } from "./exchange.ts";
export { type FirstAccount, firstAccount } from "./first-account.ts";
export { hashKey, KEY_BYTES_MAX } from "./key.ts";
export { type ReadAccounts, readAccounts } from "./read-accounts.ts";
export { TempAuth, type TempAuthOptions } from "./temp-auth.ts";
