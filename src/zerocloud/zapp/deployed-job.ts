import { isObject, ZvmError } from "../../base/index.ts";
import { hasErrors, parseJob } from "../job/index.ts";
import { asciiJson } from "./yaml-reader.ts";

/**
 * The job of a bundle that was stored as an object: every group gets the bundle as its image.
 * An `image` of its own with a path stays; one without a path meant the bundle.
 * @param jobText what is in `boot/system.map`
 * @param bundleUrl `swift://ACCOUNT/CONTAINER/OBJECT`
 * @throws ZvmError ZVM_ZAPP with the findings where the text is no job
 */
export function deployedJob(jobText: Uint8Array | string, bundleUrl: string): string {
  const { findings } = parseJob(jobText);
  const errors = findings.filter(({ severity }) => severity === "error");
  if (hasErrors(findings)) {
    throw new ZvmError("ZVM_ZAPP", "The job of the bundle has errors", { diagnostics: errors });
  }
  const text = typeof jobText === "string" ? jobText : new TextDecoder().decode(jobText);
  const groups: unknown = JSON.parse(text);
  const changed = (Array.isArray(groups) ? groups : []).filter(isObject).map((group) => {
    const key = Array.isArray(group["file_list"]) ? "file_list" : "devices";
    return { ...group, [key]: withImage(group[key], bundleUrl) };
  });
  return `${JSON.stringify(changed).replace(/[^ -~]/g, (letter) => asciiJson(letter).slice(1, -1))}\n`;
}

function withImage(devices: unknown, path: string): unknown[] {
  const list: unknown[] = Array.isArray(devices) ? devices : [];
  const isImage = (device: unknown): boolean => {
    return isObject(device) && (device["device"] ?? device["name"]) === "image";
  };
  const hasOwn = list.some((device) => isImage(device) && isObject(device) && device["path"]);
  if (hasOwn) return list;
  return [...list.filter((device) => !isImage(device)), { name: "image", path }];
}
