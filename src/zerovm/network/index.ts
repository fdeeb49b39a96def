/** Wires between sessions of different hosts: connected and greeted over TCP. */
export {
  type AskNameServer,
  connectNetwork,
  type NetworkEnd,
  type NetworkRequest,
} from "./connect-network.ts";
export { KEY_BYTES, type WireKeys } from "./greeting-codec.ts";
export { NetworkAbort, NetworkFailure } from "./network-failure.ts";
export { reachWire, type WireAim } from "./reach-wire.ts";
export { GREETING_MS, type Wire, WireError } from "./wire.ts";
export { type DoorOptions, type Expecting, WireDoor } from "./wire-door.ts";
