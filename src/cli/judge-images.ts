import { dirname, resolve } from "node:path";
import { ZvmError } from "../base/index.ts";
import type { ConfigFinding, ParsedConfig } from "../zerocloud/config/index.ts";
import { openImage } from "../zerovm/index.ts";

/**
 * Opens the system images that a configuration names, as the first job that asks for one would.
 * @param file of the configuration: paths are relative to its folder
 */
export async function judgeImages(
  file: string,
  { values }: Pick<ParsedConfig, "values">,
): Promise<ConfigFinding[]> {
  const images = values.get("images");
  if (typeof images?.value !== "object") return [];
  const folder = dirname(file === "-" ? resolve("stdin") : resolve(file));
  const findings: ConfigFinding[] = [];
  for (const [name, path] of Object.entries(images.value)) {
    const fault = await faultOf(resolve(folder, path));
    if (fault === undefined) continue;
    const key = `images.${name}`;
    const place = images.entries.get(name) ?? { line: images.line, column: 1 };
    const expected = "a tar archive, also compressed with gzip";
    const message = `${key}: ${fault}`;
    findings.push({ severity: "error", path: key, message, expected, ...place });
  }
  return findings;
}

async function faultOf(path: string): Promise<string | undefined> {
  try {
    (await openImage(path)).close();
    return undefined;
  } catch (error) {
    if (error instanceof ZvmError) return error.message;
    throw error;
  }
}
