import fc from "fast-check";
import {
  type DEVICE_KEYS,
  DEVICES,
  type EXEC_KEYS,
  type GROUP_KEYS,
} from "../../src/zerocloud/job/index.ts";

/** Jobs for tests that are nearly right: every key with values that are good, odd or wrong. */

const NAMES = fc.constantFrom(
  "a",
  "b",
  "a-1",
  "a-2",
  "größe",
  "x y",
  "..",
  "a/b",
  "",
  "\ud800",
  "a\n",
);

const PATHS = fc.constantFrom(
  "swift://~/c/o",
  "swift://~/c/*",
  "swift://~/c/*.t*",
  "swift://~/c*/o",
  "swift://~/c*",
  "swift://./c",
  "swift://other/d/x*",
  "swift://~/out/*-*",
  "swift://~/out/*",
  "swift://a*/c/o",
  "swift://~/c/../o",
  "swift://~",
  "file://py:bin/p",
  "file://p",
  "zvm://a:stdin",
  "zvm://b:/dev/in-*",
  "zvm://b",
  "tcp://h:1",
  "udp://h:x",
  "cache://e/a/c/o",
  "plain",
  "",
);

const ODD = fc.constantFrom<unknown>(
  null,
  true,
  false,
  0,
  1,
  2,
  3,
  -1,
  1.5,
  Number.MAX_VALUE,
  "1",
  "",
  [],
  {},
);

/** A value that is often right, and often of another type. */
const often = (right: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> => {
  return fc.oneof({ weight: 12, arbitrary: right }, { weight: 1, arbitrary: ODD });
};

const DEVICE_NAMES = fc.constantFrom(...Object.keys(DEVICES), "py", "unknown");

const device = fc.record<Record<keyof typeof DEVICE_KEYS, unknown>, never>(
  {
    device: often(DEVICE_NAMES),
    name: often(DEVICE_NAMES),
    path: often(PATHS),
    content_type: often(fc.constantFrom("text/plain", "message/cgi", "a\nb")),
    meta: often(fc.dictionary(fc.constantFrom("k", "K-1", "", "é"), often(fc.string()))),
    mode: often(fc.constantFrom("file", "pipe", "tape")),
    min_size: often(fc.nat(9)),
  },
  { requiredKeys: [] },
);

const exec = fc.record<Record<keyof typeof EXEC_KEYS, unknown>, never>(
  {
    path: fc.oneof(fc.constant("swift://~/bin/p"), PATHS),
    name: often(NAMES),
    args: often(fc.string()),
    env: often(fc.dictionary(NAMES, often(fc.string()))),
  },
  { requiredKeys: [] },
);

const devices = often(fc.array(often(device), { maxLength: 4 }));

const group = fc.record<Record<keyof typeof GROUP_KEYS, unknown>, never>(
  {
    name: often(NAMES),
    exec: often(exec),
    devices,
    file_list: devices,
    count: often(fc.nat(3)),
    connect: often(fc.array(often(NAMES), { maxLength: 2 })),
    replicate: often(fc.nat(3)),
    attach: often(DEVICE_NAMES),
    location: often(NAMES),
  },
  { requiredKeys: [] },
);

/** A job in which anything may be wrong. */
export const anyJobs: fc.Arbitrary<unknown> = often(fc.array(often(group), { maxLength: 4 }));

/** Devices with paths that fit them. */
const FITTING = [
  { name: "stdin" },
  { name: "input", path: "swift://~/c/*" },
  { name: "script", path: "swift://~/c/o" },
  { name: "image", path: "swift://other/d/i" },
  { name: "stdout", path: "swift://~/out/*" },
  { name: "stderr" },
  { name: "output", path: "zvm://a:in-x" },
  { name: "py" },
];

const goodGroup = fc.record(
  {
    name: fc.constantFrom("a", "b", "c"),
    exec: fc.constant({ path: "swift://~/bin/p" }),
    devices: fc.shuffledSubarray(FITTING),
    count: fc.constantFrom(1, 2, 3),
    connect: fc.array(fc.constantFrom("a", "b", "c", "a-1"), { maxLength: 2 }),
    replicate: fc.nat(2),
    location: fc.constantFrom("x", "y"),
  },
  { requiredKeys: ["name", "exec"] },
);

/** A job of which many can be planned. */
export const likelyJobs: fc.Arbitrary<unknown> = fc.array(goodGroup, {
  minLength: 1,
  maxLength: 3,
});
