import type { RuleKind } from "./rule-kind.ts";

/** Rules that need storage, or all groups, to be judged. */
export const PLAN_RULES = {
  "account-missing": {
    text: "There is no account {account} for {url}",
    meaning: "Folders stand for the containers of one account, which is written `~`",
    status: 400,
  },
  "list-account": {
    text: "Error querying object server for account: {account}",
    meaning: "The containers for a wildcard cannot be listed",
    status: 400,
  },
  "list-container": {
    text: "Error querying object server for container: {container}; there is no such container",
    meaning: "The objects for a wildcard cannot be listed, as there is no such container",
    status: 400,
  },
  "list-denied": {
    text: "May not list {place} for {url}",
    meaning: "Who sends the job may not read what the wildcard looks through",
    status: 403,
  },
  "no-objects": {
    text: "No objects found in path {url}",
    meaning: "Nothing is like the wildcard",
    status: 400,
  },
  "matches-differ": {
    text: "Wildcards of {node} find {count} and {other} objects",
    meaning: "Node number i gets match number i of each wildcard, so they must find equally many",
    status: 400,
  },
  "single-path": {
    text: "Single path {url} for multiple node definition: {node}, please use wildcard",
    meaning: "Several nodes would write to one object",
    status: 400,
  },
  "output-wildcard": {
    text: "Wildcards in input cannot be resolved into output path {url}",
    meaning: "An output has more `*` than the input",
    status: 400,
  },
  "zvm-wildcard": {
    text: "Cannot resolve wildcard for node {node}",
    meaning: "A `*` in the device of a `zvm://` URL, and the node there has fewer wildcards",
    status: 400,
  },
  "connect-itself": {
    text: "Cannot bind to itself: {node}",
    meaning: "A group of one node connects to itself",
    status: 400,
  },
  "connect-target": {
    text: "Non-existing node in connect {target}",
    meaning: "`connect` or a `zvm://` URL names no group and no node of the job",
    status: 400,
  },
  "channel-name": {
    text: "{name} cannot be connected: the name of its channel, {channel}, has {what}",
    meaning:
      "Names of nodes with `connect` and of devices in `zvm://` URLs are names of channels, and the " +
      "configuration of a guest holds none with a comma or `#`, or a blank at the end",
    status: 400,
  },
  "zvm-several": {
    text:
      "Device {device} of {node} leads to {target}, which has {count} nodes, and one device cannot " +
      "lead to several",
    meaning: "A `zvm://` URL names a group of several nodes: name one of them, or use `connect`",
    status: 400,
  },
  "zvm-writers": {
    text: "Device {device} of {node} has two writers, {one} and {other}",
    meaning: "Two nodes write to one device by `zvm://` URLs: give each a device of its own",
    status: 400,
  },
  "node-twice": {
    text: "Two nodes are named {node}",
    meaning: "A group of several nodes, and another whose name is that of one of them",
    status: 400,
  },
  "container-remote": {
    text: "Cannot use container {container} as a remote object reference",
    meaning: "A container can be read only where the node is attached to it",
    status: 400,
  },
  "read-and-write": {
    text: "Object {url} is both read and written by {node}",
    meaning: "Write to another name",
    status: 400,
  },
  "too-many": {
    text: "The job has {count} {what}, {limit} are the most",
    meaning: "The limits `nodes`, `connections`, `channels` and `names`",
    status: 413,
  },
} as const satisfies Record<string, RuleKind>;
