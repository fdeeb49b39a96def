/** What this system can enforce. */
export { type Examination, examine, type WallFinding } from "./examine.ts";
