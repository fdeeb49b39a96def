/** What `bin/zerovm.js` tries first: to have a process that is loaded already run the command. */
export { handOver } from "../zerovm/index.ts";
