import { type DeviceKind, deviceKind, MODES, type Mode } from "./devices.ts";
import type { Device } from "./job.ts";
import { textOfJson } from "./json-value.ts";
import { DEVICE_KEYS } from "./keys.ts";
import { readMeta } from "./read-meta.ts";
import { article, type Fields, isObjectSpot, type JobReader, type Spot, textAt } from "./reader.ts";
import { hasControls, isPathName, type JobUrl, parseUrl } from "./url.ts";

type DeviceFields = Fields<keyof typeof DEVICE_KEYS>;

/** One device of a group; undefined where it is refused. */
export function readDevice(reader: JobReader, spot: Spot, node: string): Device | undefined {
  if (!isObjectSpot(spot)) return reader.misfit(spot, "a device", article("object"));
  const fields = reader.fields(spot, DEVICE_KEYS);
  const named = fields.device ?? fields.name;
  const name = readName(reader, spot, named, node);
  if (fields.device !== undefined && fields.name !== undefined) {
    reader.report("ignored-key", fields.name, { key: "name", other: "device" });
  }
  const settings = readSettings(reader, fields, node);
  if (name === undefined) return undefined;
  const url = readPath(reader, fields.path, name, node);
  if (url === "refused") return undefined;
  if (url === undefined) judgePathless(reader, fields.path ?? spot, name);
  return {
    name,
    ...(url === undefined ? {} : { url }),
    ...settings,
    place: reader.placeOf(spot),
    pathPlace: reader.placeOf(fields.path ?? spot),
  };
}

function readName(
  reader: JobReader,
  device: Spot,
  spot: Spot | undefined,
  node: string,
): string | undefined {
  const name = textAt(spot);
  if (spot === undefined || name === undefined || name === "") {
    return reader.report("device-missing", spot ?? device, { node });
  }
  if (isPathName(name)) return name;
  return reader.report("device-name", spot, { device: name, node });
}

/** The URL of a device; undefined where it has none. */
function readPath(
  reader: JobReader,
  spot: Spot | undefined,
  device: string,
  node: string,
): JobUrl | "refused" | undefined {
  const text = textAt(spot);
  if (spot === undefined || text === undefined || text === "") return undefined;
  const url = parseUrl(text);
  if (!("fault" in url)) {
    judgeUse(reader, spot, url, deviceKind(device));
    return url;
  }
  const { fault } = url;
  if (fault === "unknown") return reader.report("unknown-scheme", spot, { url: text });
  if (fault === "parts") reader.report("path-parts", spot, { node });
  else if (fault === "invalid") reader.report("path", spot, { url: text });
  else {
    const expected = "zvm://GROUP:DEVICE";
    reader.report("structure", spot, { what: "path", value: text }, { expected });
  }
  return "refused";
}

/** Connections are declared where they are written. */
const READ_HINT =
  "the node that writes names the one that reads: give the zvm:// URL to its stdout or output, as " +
  "zvm://NODE:DEVICE, or use connect";

/** What a device can do with a URL of this kind. */
function judgeUse(reader: JobReader, spot: Spot, url: JobUrl, kind?: DeviceKind): void {
  const { scheme } = url;
  const isSocket = scheme === "tcp" || scheme === "udp";
  if (kind?.access === "read" || kind?.access === "overlay") {
    const advice = scheme === "zvm" ? { hint: READ_HINT } : {};
    if (scheme !== "swift") reader.report("readable-path", spot, {}, advice);
  } else if (kind?.access === "network") {
    const expected = "tcp://HOST:PORT or udp://HOST:PORT";
    if (!isSocket) reader.report("path", spot, { url: url.text }, { expected });
  } else if (kind?.access === "write") {
    const expected = "swift://ACCOUNT/CONTAINER/OBJECT or zvm://GROUP:DEVICE";
    if (scheme === "swift" && url.object === undefined) reader.report("container-write", spot);
    if (scheme !== "swift" && scheme !== "zvm") {
      reader.report("path", spot, { url: url.text }, { expected });
    }
  }
}

/** A device that has no path although it needs one. */
function judgePathless(reader: JobReader, spot: Spot, device: string): void {
  const kind = deviceKind(device);
  if (kind?.pathless !== "nothing" || kind.access === "none") return;
  if (kind.access === "write") reader.report("immediate", spot, { device });
  else reader.report("channel-path", spot, { url: textAt(spot) ?? "", device });
}

interface Settings {
  readonly contentType?: string;
  readonly meta: Readonly<Record<string, string>>;
  readonly mode: Mode;
  readonly minSizeBytes: number;
}

function readSettings(reader: JobReader, fields: DeviceFields, node: string): Settings {
  const contentType = readContentType(reader, fields.content_type, node);
  return {
    ...(contentType === undefined ? {} : { contentType }),
    meta: readMeta(reader, fields.meta),
    mode: readMode(reader, fields.mode, node),
    minSizeBytes: readMinSize(reader, fields.min_size, node),
  };
}

function readContentType(
  reader: JobReader,
  spot: Spot | undefined,
  node: string,
): string | undefined {
  const text = textAt(spot);
  if (spot === undefined || text === undefined || text === "") return undefined;
  if (!hasControls(text)) return text;
  const value = textOfJson(spot.value);
  return reader.report("device-setting", spot, { key: "content_type", value, node });
}

function readMode(reader: JobReader, spot: Spot | undefined, node: string): Mode {
  const text = textAt(spot);
  const mode = MODES.find((known) => known === text);
  if (spot === undefined || mode !== undefined) return mode ?? "file";
  const value = textOfJson(spot.value);
  const expected = MODES.join(", ");
  reader.report("device-setting", spot, { key: "mode", value, node }, { expected });
  return "file";
}

function readMinSize(reader: JobReader, spot: Spot | undefined, node: string): number {
  if (spot === undefined) return 0;
  const size = reader.whole(spot, 0, Number.MAX_SAFE_INTEGER);
  if (size !== undefined) return size;
  const words = { key: "min_size", value: textOfJson(spot.value), node };
  reader.report("device-setting", spot, words, { expected: "a whole number of bytes" });
  return 0;
}
