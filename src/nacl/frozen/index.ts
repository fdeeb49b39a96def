/** Images of Native Client programs that wait in a call: written, read and judged. Pure. */
export {
  isNexeImage,
  type NexeImage,
  type NexeImageHead,
  readNexeImage,
  writeNexeImage,
} from "./nexe-image.ts";
export {
  type NexeState,
  type NexeStretch,
  type NexeWorldState,
  readNexeState,
  STRETCH_BYTES_MAX,
  writeNexeState,
  writeStretchHead,
} from "./nexe-state.ts";
export { GUEST_REGISTERS, VECTOR_BYTES, VECTORS } from "./registers.ts";
