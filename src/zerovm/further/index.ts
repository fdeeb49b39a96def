/** Code of Native Client programs that is judged and translated while they run. Pure. */
export {
  type Further,
  type FurtherRequest,
  type GuestGuards,
  type Made,
  openFurther,
  type Placed,
} from "./further.ts";
export type { Locate } from "./locate.ts";
