/** The devices that a job knows by name. All others are system images. */
export interface DeviceKind {
  /** `overlay` is read, and what the guest writes over it is gone at the end. */
  readonly access: "read" | "write" | "overlay" | "network" | "none";
  /** Channel type of the manifest: 0 sequential, 3 random. */
  readonly type: 0 | 3;
  /** What it is where it has no path. */
  readonly pathless: "body" | "response" | "posted-image" | "nothing";
}

export const DEVICES: Readonly<Record<string, DeviceKind>> = {
  stdin: { access: "read", type: 0, pathless: "body" },
  stdout: { access: "write", type: 0, pathless: "response" },
  stderr: { access: "write", type: 0, pathless: "response" },
  input: { access: "read", type: 3, pathless: "nothing" },
  output: { access: "write", type: 3, pathless: "nothing" },
  script: { access: "read", type: 3, pathless: "nothing" },
  image: { access: "overlay", type: 3, pathless: "posted-image" },
  debug: { access: "network", type: 0, pathless: "nothing" },
  db: { access: "none", type: 0, pathless: "nothing" },
};

/** The kind of a device; undefined for the name of a system image. */
export function deviceKind(name: string): DeviceKind | undefined {
  return Object.hasOwn(DEVICES, name) ? DEVICES[name] : undefined;
}

/** How a guest sees a channel: copied to the mapping of its nvram. */
export const MODES = ["file", "char", "pipe", "block"] as const;

export type Mode = (typeof MODES)[number];
