export { ChannelDevice } from "./channel-device.ts";
export {
  EMULATED_NAMES,
  EmulatedDevice,
  type EmulatedName,
  type RandomBytes,
} from "./emulated-device.ts";
export { type Fork, ForkDevice, ForkPoint } from "./fork-device.ts";
export type { Mapping, MappingMode, Mappings } from "./mapping.ts";
export { populateDev } from "./populate.ts";
