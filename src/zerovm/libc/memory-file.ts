import { libraryCallIfAny } from "./call.ts";

const MFD_CLOEXEC = 1;

/**
 * A file without a name that lives in memory and goes with its descriptor.
 * @returns its descriptor, or undefined where this host makes none
 */
export function memoryFile(): number | undefined {
  const create = libraryCallIfAny("int memfd_create(const char *name, unsigned int flags)");
  const fd = Number(create?.("zerovm", MFD_CLOEXEC) ?? -1);
  return fd < 0 ? undefined : fd;
}
