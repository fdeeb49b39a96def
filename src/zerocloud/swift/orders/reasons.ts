/** Says in an answer to a node why it has no session, for the coordinator to go on from. */
export const REASON_HEADER = "X-Backend-Zerocloud-Reason";
