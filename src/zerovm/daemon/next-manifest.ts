import { ERRNO, printable, textOf } from "../../base/index.ts";
import { isReadable, isWritable } from "../../channels/index.ts";
import {
  type ChannelDeclaration,
  type Finding,
  freezeManifest,
  guestOrder,
  type Manifest,
  makeFinding,
} from "../manifest/index.ts";

/**
 * The manifest of a session that goes on with a guest of a daemon: its channels and its time are
 * those of the request, and what the guest was prepared with stays.
 */
export function nextManifest(own: Manifest, asked: Manifest): Manifest {
  const { program, memory, clock, seed, fuel } = own;
  const { report } = asked.limits;
  const { fuel: askedFuel = fuel, ...others } = asked;
  return freezeManifest({
    ...others,
    program,
    memory,
    clock,
    seed,
    limits: report === undefined ? own.limits : { ...own.limits, report },
    ...(askedFuel === undefined ? {} : { fuel: askedFuel }),
  });
}

/** What stands against a request: the guest knows its channels, and its code counts fuel or not. */
export function judgeNextManifest(own: Manifest, asked: Manifest): Finding[] {
  return [...judgeChannels(own, asked), ...judgeFuel(own, asked)];
}

/** The original compares one by one and stops at the first. */
function judgeChannels(own: Manifest, asked: Manifest): Finding[] {
  const [before, after] = [guestOrder(own.channels), guestOrder(asked.channels)];
  for (let index = 0; index < Math.max(before.length, after.length); index += 1) {
    const [one, other] = [before[index], after[index]];
    if (one === undefined || other === undefined || !isSame(one, other)) {
      return [differing((one ?? other)?.alias ?? "", other)];
    }
  }
  return [];
}

function isSame(one: ChannelDeclaration, other: ChannelDeclaration): boolean {
  return (
    one.alias === other.alias &&
    one.type === other.type &&
    isReadable(one.limits) === isReadable(other.limits) &&
    isWritable(one.limits) === isWritable(other.limits)
  );
}

function differing(bytes: string, other: ChannelDeclaration | undefined): Finding {
  const alias = printable(textOf(bytes));
  return makeFinding({
    stage: "mount",
    code: ERRNO.EFAULT,
    state: `difference in ${alias}`,
    message: `The channel ${alias} is not as the daemon was started with`,
    expected: "the same channels by alias, type and direction",
    line: other?.line,
    column: other?.columns?.[1],
  });
}

function judgeFuel(own: Manifest, asked: Manifest): Finding[] {
  if (asked.fuel === undefined || own.fuel !== undefined) return [];
  return [
    makeFinding({
      stage: "defence",
      code: ERRNO.EFAULT,
      state: "fuel is not counted",
      message: "The request limits fuel, and the daemon was started without",
      expected: "a daemon whose own manifest has Fuel",
      ...asked.places?.Fuel,
    }),
  ];
}
