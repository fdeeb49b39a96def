import type { Group, Target } from "./job.ts";
import { textOfJson } from "./json-value.ts";
import { GROUP_KEYS } from "./keys.ts";
import { readDevice } from "./read-device.ts";
import { readExec } from "./read-exec.ts";
import {
  article,
  type Fields,
  isObjectSpot,
  isString,
  itemsAt,
  type JobReader,
  type Spot,
  textAt,
} from "./reader.ts";
import { hasControls, isPathName } from "./url.ts";

type GroupFields = Fields<keyof typeof GROUP_KEYS>;

/** One group of the array; undefined where it is refused, which is reported. */
export function readGroup(reader: JobReader, spot: Spot): Group | undefined {
  if (!isObjectSpot(spot)) return reader.misfit(spot, "a group", article("object"));
  const fields = reader.fields(spot, GROUP_KEYS);
  const name = readName(reader, spot, fields.name);
  // What is wrong with a group without a name is shown all the same.
  const node = name ?? `group ${Number(spot.steps.at(-1)) + 1}`;
  const exec =
    fields.exec === undefined
      ? reader.report("exec-missing", spot, { node })
      : readExec(reader, fields.exec, node);
  const devices = readDevices(reader, fields, node);
  const settings = readSettings(reader, fields, node);
  if (name === undefined || exec === undefined) return undefined;
  return { name, exec, devices, ...settings, place: reader.placeOf(spot) };
}

function readName(reader: JobReader, group: Spot, spot: Spot | undefined): string | undefined {
  const name = textAt(spot);
  if (spot === undefined || name === undefined || name === "") {
    return reader.report("node-name-missing", spot ?? group);
  }
  if (!isPathName(name)) return reader.report("node-name", spot);
  if (/[\s,]/.test(name)) reader.report("name-splits", spot, { node: name });
  return name;
}

function readDevices(reader: JobReader, fields: GroupFields, node: string): Group["devices"] {
  const { devices, file_list: list } = fields;
  if (devices !== undefined && list !== undefined) {
    reader.report("ignored-key", devices, { key: "devices", other: "file_list" });
  }
  const read = (spots: Spot | undefined) => {
    return itemsAt(spots).flatMap((spot) => readDevice(reader, spot, node) ?? []);
  };
  // A list that is ignored is judged all the same: one of the two was meant.
  const ignored = read(devices);
  return list === undefined ? ignored : read(list);
}

type Settings = Pick<Group, "count" | "connect" | "replicate" | "attach" | "location">;

function readSettings(reader: JobReader, fields: GroupFields, node: string): Settings {
  const attach = readLabel(reader, fields.attach, "attach", node);
  const location = readLabel(reader, fields.location, "location", node);
  return {
    count: readCount(reader, fields.count),
    connect: itemsAt(fields.connect).flatMap((spot) => readTarget(reader, spot, node) ?? []),
    replicate: readReplicate(reader, fields.replicate, node),
    ...(attach === undefined || attach === "default" ? {} : { attach }),
    ...(location === undefined ? {} : { location }),
  };
}

function readCount(reader: JobReader, spot: Spot | undefined): number {
  if (spot === undefined) return 1;
  if (spot.value.kind === "boolean" && spot.value.value) {
    reader.report("count-true", spot);
    return 1;
  }
  const most = reader.limits.nodes;
  const count = reader.whole(spot, 1, most);
  if (count !== undefined) return count;
  const expected = `a whole number from 1 to ${most}`;
  reader.report("count", spot, { value: textOfJson(spot.value) }, { expected });
  return 1;
}

function readReplicate(reader: JobReader, spot: Spot | undefined, node: string): number {
  if (spot === undefined) return 1;
  const most = reader.limits.copies;
  const copies = reader.whole(spot, 0, most);
  if (copies !== undefined) return copies;
  const words = { key: "replicate", value: textOfJson(spot.value), node };
  reader.report("group-setting", spot, words, { expected: `a whole number from 0 to ${most}` });
  return 1;
}

/** Text that names a device or a place; none where it is empty. */
function readLabel(
  reader: JobReader,
  spot: Spot | undefined,
  key: string,
  node: string,
): string | undefined {
  const label = textAt(spot);
  if (spot === undefined || label === undefined || label === "") return undefined;
  if (!hasControls(label)) return label;
  return reader.report("group-setting", spot, { key, value: textOfJson(spot.value), node });
}

function readTarget(reader: JobReader, spot: Spot, node: string): Target | undefined {
  if (!isString(spot)) return reader.misfit(spot, "an entry of connect", article("string"));
  const { text } = spot.value;
  if (isPathName(text)) return { name: text, place: reader.placeOf(spot) };
  return reader.report("connect-name", spot, { value: textOfJson(spot.value), node });
}
