/**
 * The settings of Swift's servers as texts: which filters stand in the pipelines, and in which
 * order. The order is that of Swift's own sample, with our filters where the guide says.
 */

/** Filters of the proxy that a cluster has or has not; the others are always there. */
export const EXTRAS = [
  "bulk",
  "tempurl",
  "formpost",
  "staticweb",
  "container-quotas",
  "account-quotas",
  "slo",
  "dlo",
  "versioned_writes",
  "symlink",
] as const;

export type Extra = (typeof EXTRAS)[number];

/** A user of TempAuth; its name is `ACCOUNT:USER`. */
export interface SwiftUser {
  readonly name: string;
  readonly key: string;
  /** With a dot: `.admin` owns the account, `.reseller_admin` all of them. */
  readonly groups?: readonly string[];
}

/** Where one server listens and keeps its own. */
export interface Bound {
  readonly ip: string;
  readonly port: number;
}

export interface CommonSettings {
  /** Has `swift.conf` and the rings. */
  readonly folder: string;
  readonly logLevel: string;
  /** Processes of one server; with 0 it is a single one. */
  readonly processes: number;
}

export interface ProxySettings extends CommonSettings, Bound {
  readonly cache: Bound;
  readonly users: readonly SwiftUser[];
  readonly extras: readonly Extra[];
  /** Of `keymaster`, in base64; there is no encryption without it. */
  readonly rootSecret?: string;
  /** Of the coordinator; our filter is left out without it. */
  readonly coordinatorSocket?: string;
}

export interface StorageSettings extends CommonSettings, Bound {
  readonly kind: StorageKind;
  /** The folder of the node's devices. */
  readonly devices: string;
  /** Of an object server; our filter is left out without it. */
  readonly jobs?: { readonly workerSocket: string; readonly secretFile: string };
}

export const STORAGE_KINDS = ["object", "container", "account"] as const;
export type StorageKind = (typeof STORAGE_KINDS)[number];

/**
 * What on a real node runs all the time, in an order that brings all listings and figures up to
 * date: rows that a container server could not be told, rows that one of them lacks, sums.
 */
export const DAEMONS: readonly (readonly [StorageKind, "updater" | "replicator"])[] = [
  ["object", "updater"],
  ["container", "replicator"],
  ["container", "updater"],
];

/** Section by section, setting by setting. */
type Settings = Readonly<Record<string, Readonly<Record<string, string | number>>>>;

export function proxyText(proxy: ProxySettings): string {
  const { cache, users, rootSecret, coordinatorSocket } = proxy;
  const filters = proxyFilters(proxy);
  const more: Settings = {
    cache: { memcache_servers: `${cache.ip}:${cache.port}` },
    tempauth: Object.fromEntries(users.map(userSetting)),
    versioned_writes: { allow_versioned_writes: "true", allow_object_versioning: "true" },
    keymaster: { encryption_root_secret: rootSecret ?? "" },
    zerocloud: { coordinator_socket: coordinatorSocket ?? "" },
  };
  return settingsText({
    DEFAULT: commonSettings(proxy),
    "pipeline:main": { pipeline: [...filters, "proxy-server"].join(" ") },
    "app:proxy-server": {
      use: "egg:swift#proxy",
      account_autocreate: "true",
      // A busy machine is slow, not broken; and a server that is back is asked at once.
      conn_timeout: 5,
      node_timeout: 60,
      error_suppression_interval: 1,
    },
    ...Object.fromEntries(
      [...new Set(filters)].map((name) => [
        `filter:${name}`,
        { ...factoryOf(name), ...more[name] },
      ]),
    ),
  });
}

export function storageText(storage: StorageSettings): string {
  const { kind, devices, jobs } = storage;
  const ours = jobs === undefined ? [] : ["zerocloud"];
  return settingsText({
    DEFAULT: {
      ...commonSettings(storage),
      devices,
      mount_check: "false",
      fallocate_reserve: 0,
      recon_cache_path: devices,
    },
    "pipeline:main": { pipeline: ["healthcheck", ...ours, `${kind}-server`].join(" ") },
    [`app:${kind}-server`]: { use: `egg:swift#${kind}` },
    "filter:healthcheck": factoryOf("healthcheck"),
    ...Object.fromEntries(DAEMONS.filter(([of]) => of === kind).map((one) => [one.join("-"), {}])),
    ...(jobs && {
      "filter:zerocloud": {
        "paste.filter_factory": "zerocloud.object:filter_factory",
        worker_socket: jobs.workerSocket,
        secret_file: jobs.secretFile,
      },
    }),
  });
}

/** Names of the storage policies: the first is the default, the second is there if asked for. */
export const POLICIES = { copies: "copies", coded: "coded" } as const;

/** `swift.conf`: the salt of the hashes, and the storage policies. */
export function swiftText({
  salt,
  coded,
}: {
  readonly salt: string;
  readonly coded: boolean;
}): string {
  return settingsText({
    "swift-hash": { swift_hash_path_suffix: salt, swift_hash_path_prefix: salt },
    "storage-policy:0": { name: POLICIES.copies, policy_type: "replication", default: "yes" },
    ...(coded && {
      "storage-policy:1": {
        name: POLICIES.coded,
        policy_type: "erasure_coding",
        ec_type: "liberasurecode_rs_vand",
        ec_num_data_fragments: 2,
        ec_num_parity_fragments: 1,
        ec_object_segment_size: 65_536,
      },
    }),
  });
}

function proxyFilters({ extras, rootSecret, coordinatorSocket }: ProxySettings): string[] {
  const chosen = (...names: readonly Extra[]) => names.filter((name) => extras.includes(name));
  return [
    ...["catch_errors", "gatekeeper", "healthcheck", "proxy-logging", "cache", "listing_formats"],
    ...chosen("bulk", "tempurl", "formpost"),
    ...["ratelimit", "tempauth"],
    ...chosen("staticweb"),
    ...(coordinatorSocket === undefined ? [] : ["zerocloud"]),
    "copy",
    ...chosen("container-quotas", "account-quotas", "slo", "dlo", "versioned_writes", "symlink"),
    ...(rootSecret === undefined ? [] : ["keymaster", "encryption"]),
    "proxy-logging",
  ];
}

function factoryOf(name: string): Settings[string] {
  if (name === "zerocloud") return { "paste.filter_factory": "zerocloud.proxy:filter_factory" };
  const egg = name === "cache" ? "memcache" : name.replaceAll("-", "_");
  return { use: `egg:swift#${egg}` };
}

function userSetting({ name, key, groups = [] }: SwiftUser): [string, string] {
  return [`user_${name.replace(":", "_")}`, [key, ...groups].join(" ")];
}

function commonSettings(settings: CommonSettings & Bound): Settings[string] {
  const { folder, logLevel, processes, ip, port } = settings;
  return {
    user: "swift",
    swift_dir: folder,
    bind_ip: ip,
    bind_port: port,
    workers: processes,
    log_level: logLevel,
    // Lines go to standard error; the log of the system has none of them.
    log_address: `${folder}/no-syslog`,
  };
}

function settingsText(sections: Settings): string {
  return Object.entries(sections)
    .map(([section, settings]) => {
      const lines = Object.entries(settings).map(([name, value]) => `${name} = ${value}\n`);
      return `[${section}]\n${lines.join("")}`;
    })
    .join("\n");
}
