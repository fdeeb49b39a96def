import { describe, expect, test } from "vitest";
import { parseSwitches } from "./classic-switches.ts";

const PLAIN = {
  manifest: "m",
  skipValidation: false,
  stopBeforeStart: false,
  noPreallocation: false,
  noQualification: false,
  reportMode: 0,
  verbosity: 1,
  traceFile: undefined,
};

const ALL = {
  ...PLAIN,
  skipValidation: true,
  stopBeforeStart: true,
  noPreallocation: true,
  noQualification: true,
};

describe("parseSwitches", () => {
  test.each([
    ["m", PLAIN],
    ["-M m", PLAIN],
    ["-Mm", PLAIN],
    ["-sMm", { ...PLAIN, skipValidation: true }],
    ["m -s -F -P -Q", ALL],
    ["-sFPQ m", ALL],
    ["-QPF m -s", ALL],
    ["-QPst1 m", { ...ALL, stopBeforeStart: false, reportMode: 1 }],
    ["m -t 3 -v 2", { ...PLAIN, reportMode: 3, verbosity: 2 }],
    ["-t3 -v0 m", { ...PLAIN, reportMode: 3, verbosity: 0 }],
    ["m -T/tmp/trace", { ...PLAIN, traceFile: "/tmp/trace" }],
    ["m -sT /tmp/trace", { ...PLAIN, skipValidation: true, traceFile: "/tmp/trace" }],
    ["-t1 -t2 m", { ...PLAIN, reportMode: 2 }],
    ["-ss m", { ...PLAIN, skipValidation: true }],
  ])("%s", (line, expected) => {
    expect(parseSwitches(line.split(" "))).toEqual(expected);
  });

  test.each([
    ["", { kind: "usage" }],
    ["-s", { kind: "usage" }],
    ["m -x", { kind: "usage" }],
    ["m -sx", { kind: "usage" }],
    ["m -", { kind: "usage" }],
    ["m --", { kind: "usage" }],
    ["m --help", { kind: "usage" }],
    ["m -t", { kind: "usage" }],
    ["m -sv", { kind: "usage" }],
    ["m -T", { kind: "usage" }],
    ["m -M", { kind: "usage" }],
    ["m other", { kind: "usage", line: "2nd manifest encountered" }],
    ["m -Mother", { kind: "usage", line: "2nd manifest encountered" }],
    ["-Mm -M m", { kind: "usage", line: "2nd manifest encountered" }],
    ["m -tx", { kind: "value", state: "MANIFEST 0: invalid numeric value 'x'" }],
    ["m -t -1", { kind: "value", state: "MANIFEST 0: invalid numeric value '-1'" }],
    ["m -v 1s", { kind: "value", state: "MANIFEST 0: invalid numeric value '1s'" }],
    ["m -Ttrace", { kind: "value", state: "ztrace path should be absolute: trace" }],
    ["-tx", { kind: "value", state: "MANIFEST 0: invalid numeric value 'x'" }],
  ])("%j is refused", (line, problem) => {
    expect(parseSwitches(line === "" ? [] : line.split(" "))).toEqual(problem);
  });
});
