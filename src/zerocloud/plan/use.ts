import { type Device, deviceKind, isWildcard, type SwiftUrl, type ZvmUrl } from "../job/index.ts";

/** A device with what its URL makes of it. */
export type DeviceUse =
  | { readonly kind: "input"; readonly device: Device; readonly url: SwiftUrl }
  | { readonly kind: "stored"; readonly device: Device; readonly url: SwiftUrl }
  | { readonly kind: "connection"; readonly device: Device; readonly url: ZvmUrl }
  | { readonly kind: "body" | "response" | "socket" | "idle"; readonly device: Device }
  | { readonly kind: "system-image" | "posted-image"; readonly device: Device };

/** What a device is in its node. A parsed job holds no combination that is not one of these. */
export function useOf(device: Device): DeviceUse {
  const { name, url } = device;
  const kind = deviceKind(name);
  if (url?.scheme === "zvm") return { kind: "connection", device, url };
  if (kind === undefined) return { kind: url === undefined ? "system-image" : "idle", device };
  if (kind.access === "network") return { kind: "socket", device };
  if (kind.access === "none") return { kind: "idle", device };
  if (url?.scheme === "swift") {
    return { kind: kind.access === "write" ? "stored" : "input", device, url };
  }
  return { kind: kind.pathless === "nothing" ? "idle" : kind.pathless, device };
}

/** An input that stands for several objects. */
export function wildcardOf(device: Device): SwiftUrl | undefined {
  const use = useOf(device);
  return use.kind === "input" && isWildcard(use.url) ? use.url : undefined;
}

const CLASSES = ["read", "overlay", "write", "other"] as const;

function classOf(device: Device): (typeof CLASSES)[number] {
  const access = deviceKind(device.name)?.access;
  return CLASSES.find((known) => known === access) ?? "other";
}

/**
 * The devices of a group in the order of their channels: those that are read from the last declared
 * to the first, then images, then those that are written, then all others. Connections are none.
 */
export function channelOrder(devices: readonly Device[]): Device[] {
  const channels = devices.filter((device) => device.url?.scheme !== "zvm");
  return CLASSES.flatMap((name) => {
    const members = channels.filter((device) => classOf(device) === name);
    return name === "read" ? members.reverse() : members;
  });
}
