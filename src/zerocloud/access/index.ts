/** Who asks, and what the lists of access of Swift let him do. Pure. */
export {
  type AccessList,
  type Action,
  type Identity,
  mayAccess,
  ownsAccount,
  parseAccessList,
  READ_LIST,
  type ReferrerRule,
  userName,
  WRITE_LIST,
} from "./access.ts";
