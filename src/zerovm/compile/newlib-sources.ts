import { readdirSync } from "node:fs";
import { join } from "node:path";

/** A text of newlib that becomes a unit of the library. */
export interface NewlibSource {
  /** Below `newlib/` of the source package. */
  readonly path: string;
  /** Macros that it is compiled with. */
  readonly defines: readonly string[];
}

/** Folders of which every text is taken, but for those of `LEFT_OUT`. */
const FOLDERS = [
  ...["argz", "ctype", "errno", "locale", "misc", "posix", "reent", "search", "signal"],
  ...["stdio", "stdlib", "string", "syscalls", "time", "unix"],
].map((name) => `libc/${name}`);
const MATH_FOLDERS = ["libm/common", "libm/complex", "libm/fenv", "libm/math"];

/**
 * What is for systems of another kind (processes, users, terminals), is included by others, is
 * another form of what is taken, or is our own.
 */
const LEFT_OUT: ReadonlySet<string> = new Set([
  "libm/common/s_fma.c",
  ...[
    ...["misc/__dprintf", "misc/init", "misc/fini", "misc/lock"],
    ...["posix/collate", "posix/collcmp", "posix/engine", "posix/execl", "posix/execle"],
    ...["posix/execlp", "posix/execv", "posix/execve", "posix/execvp", "posix/popen"],
    ...["posix/posix_spawn", "posix/wordexp", "posix/wordfree", "posix/_isatty"],
    ...["posix/sleep", "posix/usleep"],
    ...["stdlib/mallocr", "stdlib/nano-mallocr", "stdlib/rand", "stdlib/system"],
    ...["stdio/nano-vfprintf", "stdio/nano-vfprintf_float", "stdio/nano-vfprintf_i"],
    ...["stdio/nano-vfscanf", "stdio/nano-vfscanf_float", "stdio/nano-vfscanf_i"],
    ...["string/memcpy", "string/memmove", "string/memset", "string/memcmp", "string/strlen"],
    ...["time/clock", "unix/getcwd", "unix/getlogin", "unix/getpass", "unix/getpwent"],
    ...["unix/getut", "unix/pread", "unix/pwrite", "unix/ttyname", "unix/ttyname_r"],
  ].map((name) => `libc/${name}.c`),
]);

const MALLOC_PARTS = [
  ...["MALLOC", "FREE", "REALLOC", "CALLOC", "CFREE", "MEMALIGN", "VALLOC", "PVALLOC"],
  ...["MALLINFO", "MALLOC_STATS", "MALLOC_USABLE_SIZE", "MALLOPT"],
];

/** Texts that are compiled more than once, each time for another part or form of them. */
const FORMS: readonly NewlibSource[] = [
  ...MALLOC_PARTS.map((part) => ({
    path: "libc/stdlib/mallocr.c",
    defines: ["INTERNAL_NEWLIB", `DEFINE_${part}`],
  })),
  ...["vfprintf", "vfwprintf", "vfscanf", "vfwscanf"].flatMap((name) =>
    [["INTEGER_ONLY"], ["STRING_ONLY"], ["INTEGER_ONLY", "STRING_ONLY"]].map((defines) => ({
      path: `libc/stdio/${name}.c`,
      defines,
    })),
  ),
];

/** A place of a text that is changed before it is compiled. */
export interface Repair {
  /** Below `newlib/` of the source package. */
  readonly path: string;
  readonly from: string;
  readonly to: string;
}

/**
 * Where a list of arguments is an array, as here, a parameter of that type is a pointer already:
 * newlib takes the address of the pointer in its place, and `%2$d` reads anywhere.
 */
export const REPAIRS: readonly Repair[] = [
  ...["vfprintf", "vfwprintf", "vfscanf", "vfwscanf"].map((name) => ({
    path: `libc/stdio/${name}.c`,
    from: "&ap, &numargs",
    to: "(va_list *) ap, &numargs",
  })),
];

/** Macros for all texts: without `HAVE_FCNTL` standard output is taken for a terminal. */
export const NEWLIB_MACROS = ["_COMPILING_NEWLIB", "HAVE_FCNTL"];

/** All that decides which texts are compiled, and how. */
export const NEWLIB_CHOICE = [FOLDERS, MATH_FOLDERS, [...LEFT_OUT], FORMS, REPAIRS, NEWLIB_MACROS];

/** @param folder `newlib/` of an unpacked source package */
export function newlibSources(folder: string): NewlibSource[] {
  const plain = [...FOLDERS, ...MATH_FOLDERS].flatMap((name) =>
    readdirSync(join(folder, name))
      .filter((file) => file.endsWith(".c"))
      .sort()
      .map((file) => ({ path: `${name}/${file}`, defines: [] })),
  );
  return [...plain.filter(({ path }) => !LEFT_OUT.has(path)), ...FORMS];
}

/** Folders with headers that only newlib's own texts see. */
export const NEWLIB_OWN_HEADERS = ["libm/common", "libc/locale"];

/** The folder with headers for programs. */
export const NEWLIB_HEADERS = "libc/include";
