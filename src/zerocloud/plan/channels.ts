import {
  type Device,
  type DeviceKind,
  deviceKind,
  isWildcard,
  OWN_ACCOUNT,
  parseUrl,
  type SwiftUrl,
} from "../job/index.ts";
import { fillStars } from "./pattern.ts";
import type { PlannedChannel, StoredItem } from "./plan.ts";
import type { PlanReport } from "./report.ts";
import type { PlanSettings } from "./settings.ts";
import { channelOrder, type DeviceUse, useOf } from "./use.ts";
import type { NodeSeed, WideGroup } from "./width.ts";

/** Makes the channels of the nodes of one group. */
export class ChannelMaker {
  readonly #wide: WideGroup;
  readonly #settings: PlanSettings;
  readonly #report: PlanReport;
  readonly #devices: readonly Device[];
  /** Channels that are the same in all nodes. */
  readonly #shared = new Map<Device, PlannedChannel>();

  constructor(wide: WideGroup, settings: PlanSettings, report: PlanReport) {
    this.#wide = wide;
    this.#settings = settings;
    this.#report = report;
    this.#devices = channelOrder(wide.group.devices);
  }

  channelsOf(node: NodeSeed): PlannedChannel[] {
    const channels = this.#devices.flatMap((device) => this.#channel(device, node) ?? []);
    // The posted image is last, wherever it was declared, or if it was not.
    if (this.#settings.hasPostedImage !== true) return channels;
    const others = channels.filter(({ kind }) => kind !== "posted-image");
    return [...others, { kind: "posted-image", device: "image", type: 3, mode: "file" }];
  }

  #channel(device: Device, node: NodeSeed): PlannedChannel | undefined {
    const shared = this.#shared.get(device);
    if (shared !== undefined) return shared;
    const channel = this.#make(useOf(device), node);
    const isSame = device.url?.scheme !== "swift" || !isWildcard(device.url);
    if (isSame && channel !== undefined) this.#shared.set(device, channel);
    return channel;
  }

  #make(use: DeviceUse, node: NodeSeed): PlannedChannel | undefined {
    const { device } = use;
    const kind = deviceKind(device.name);
    const base = { device: device.name, type: kind?.type ?? 3, mode: device.mode } as const;
    switch (use.kind) {
      case "input": {
        const item = node.matched.get(device)?.item ?? itemOfUrl(use.url, this.#settings.account);
        return { kind: "input", ...base, access: accessOf(kind), item };
      }
      case "stored": {
        const item = this.#outputItem(use.url, device, node);
        if (item === undefined) return undefined;
        return { kind: "stored", ...base, item, ...writtenOf(device, STORED_TYPE) };
      }
      case "response":
        return { kind: "response", ...base, ...writtenOf(device, RESPONSE_TYPE) };
      case "socket":
        return socketOf(device, base);
      case "body":
      case "posted-image":
      case "system-image":
        return { kind: use.kind, ...base };
      default:
        return undefined;
    }
  }

  /** Where an output goes: each star is filled, or there is only one node. */
  #outputItem(url: SwiftUrl, device: Device, node: NodeSeed): StoredItem | undefined {
    const { group, isMatched, nodes } = this.#wide;
    if (!isWildcard(url)) {
      const words = { url: url.text, node: group.name };
      if (nodes.length > 1) return this.#report.add("single-path", device.pathPlace, words);
      return itemOfUrl(url, this.#settings.account);
    }
    // Without wildcards in its input, every star is the name of the node.
    const text = isMatched
      ? fillStars(url.text, node.captures)
      : url.text.replaceAll("*", () => node.name);
    if (text === undefined) {
      return this.#report.add("output-wildcard", device.pathPlace, { url: url.text });
    }
    const filled = parseUrl(text);
    if (!("fault" in filled) && filled.scheme === "swift")
      return itemOfUrl(filled, this.#settings.account);
    return this.#report.add("path", device.pathPlace, { url: text });
  }
}

const STORED_TYPE = "application/octet-stream";
const RESPONSE_TYPE = "text/html";

function accessOf(kind: DeviceKind | undefined): "read" | "overlay" {
  return kind?.access === "overlay" ? "overlay" : "read";
}

function writtenOf(device: Device, standardType: string) {
  const { contentType = standardType, meta, minSizeBytes } = device;
  return { contentType, meta, minSizeBytes };
}

type Base = Pick<PlannedChannel, "device" | "type" | "mode">;

function socketOf({ url }: Device, base: Base): PlannedChannel | undefined {
  if (url?.scheme !== "tcp" && url?.scheme !== "udp") return undefined;
  const { scheme: protocol, host, port } = url;
  return { kind: "socket", ...base, protocol, host, port };
}

/** What a URL names, with the account of the request where it says `~`. */
export function itemOfUrl(url: SwiftUrl, account: string): StoredItem {
  const { account: owner, container, object } = url;
  const named = { account: owner === OWN_ACCOUNT ? account : owner, container };
  return object === undefined ? named : { ...named, object };
}
