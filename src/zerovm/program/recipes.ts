import type { ProgramKind } from "../../wasm/index.ts";

/** What to do about an import that the sandbox does not offer. */
export interface ImportRecipe {
  /** Where the import comes from, as a clause: `it belongs to emscripten's JavaScript`. */
  readonly because: string;
  readonly hint: string;
}

/** An import, and what else the module imports: some tools show only in the whole. */
export interface ImportCase {
  readonly module: string;
  readonly name: string;
  readonly others: readonly { readonly module: string; readonly name: string }[];
}

const FOR_WASIP1 =
  "build for wasm32-wasip1 (rustc --target wasm32-wasip1, clang --target=wasm32-wasip1)";

const EMSCRIPTEN: ImportRecipe = {
  because: "it belongs to the JavaScript that emscripten writes",
  hint: "Rebuild with `emcc -sSTANDALONE_WASM`, without -pthread and without functions of JavaScript",
};

const EMSCRIPTEN_NAME =
  /^_?(?:emscripten_|_?emscripten_|invoke_[a-z]+$|_{2}syscall_|_{2}cxa_(?:throw|begin|find)|_?abort_js$|_tzset_js$|_m(?:un)?map_js$|_embind_|_emval_|[sg]etTempRet0$)/u;

/** Names that a minifying emscripten gives: module `a`, names of one or two letters. */
function isEmscripten(it: { readonly module: string; readonly name: string }): boolean {
  if (it.module === "env") return EMSCRIPTEN_NAME.test(it.name);
  return it.module === "a" && it.name.length <= 2;
}

/** The rules in order; the first that knows the import has the recipe. */
const IMPORT_RULES: readonly ((it: ImportCase) => ImportRecipe | undefined)[] = [
  ({ module, name }) =>
    (module === "wasi" && name === "thread-spawn") || module === "wasi_threads"
      ? {
          because: "it starts a thread, and a sandbox has one",
          hint: "Build for wasm32-wasi without threads: no -pthread, no wasm32-wasip1-threads",
        }
      : undefined,
  ({ module }) =>
    module.startsWith("wasi:") || module.startsWith("[export]wasi:")
      ? {
          because: "it belongs to WASI preview2 components",
          hint: `The sandbox speaks preview1: ${FOR_WASIP1}`,
        }
      : undefined,
  ({ module }) =>
    /^wasi_snapshot_preview(?!1$)/u.test(module) || /^wasi_ephemeral_(?!nn)/u.test(module)
      ? {
          because: "it belongs to another version of WASI",
          hint: `The sandbox speaks preview1: ${FOR_WASIP1}`,
        }
      : undefined,
  ({ module }) =>
    module === "gojs" || module === "go"
      ? {
          because: "it belongs to the JavaScript of Go's browser build",
          hint: "Build with `GOOS=wasip1 GOARCH=wasm go build`",
        }
      : undefined,
  ({ module, name }) =>
    module === "wbg" || /^__wbindgen|^__wbg_/u.test(name) || /__wbindgen|_bg\.js$/u.test(module)
      ? {
          because: "it belongs to the JavaScript of wasm-bindgen",
          hint: "Build a program, not a library for the web: `cargo build --target wasm32-wasip1`, without wasm-bindgen",
        }
      : undefined,
  ({ module }) =>
    module.startsWith("wasix_")
      ? {
          because: "it belongs to WASIX",
          hint: "Build with wasi-sdk or for wasm32-wasip1 in place of the WASIX toolchain",
        }
      : undefined,
  ({ module, name }) =>
    module === "wasi_snapshot_preview1" && name.startsWith("sock_")
      ? {
          because: "it is a socket call that WasmEdge added to preview1",
          hint: "Build without sockets: a sandbox has channels in their place",
        }
      : undefined,
  ({ module }) =>
    /^wasi_nn|^wasi_ephemeral_nn|^wasi-nn|^wasi_crypto|^wasi_http|^wasmedge/u.test(module)
      ? {
          because: "it is an extension that needs a host of its own",
          hint: "Build the program without this extension",
        }
      : undefined,
  ({ module, name }) =>
    module === "env" && (name === "seed" || name === "abort" || /^console\.|^Date\./u.test(name))
      ? {
          because: "it belongs to AssemblyScript without WASI, or to emscripten",
          hint: "AssemblyScript: compile with --config node_modules/@assemblyscript/wasi-shim/asconfig.json; emscripten: rebuild with -sSTANDALONE_WASM",
        }
      : undefined,
  (it) => (isEmscripten(it) ? EMSCRIPTEN : undefined),
  ({ module, others }) =>
    (module === "env" || module === "a") && others.some(isEmscripten) ? EMSCRIPTEN : undefined,
  ({ module }) =>
    module === "env"
      ? {
          because: "the linker left it undefined, or it is JavaScript",
          hint: "Link the library that defines it (wasm-ld without --allow-undefined names what is missing); emscripten: rebuild with -sSTANDALONE_WASM",
        }
      : undefined,
];

/** The recipe for an import that the sandbox does not offer; there always is one. */
export function importRecipe(it: ImportCase): ImportRecipe {
  for (const rule of IMPORT_RULES) {
    const recipe = rule(it);
    if (recipe !== undefined) return recipe;
  }
  return {
    because: "the sandbox offers only wasi_snapshot_preview1, wasi_unstable and zrt",
    hint: `Rebuild without this import: ${FOR_WASIP1}`,
  };
}

/** What to do with a file that is no module, by what it is. */
const FILE_RECIPES: Readonly<Partial<Record<ProgramKind, string>>> = {
  component:
    "Build for wasm32-wasip1, or take the core module out with `wasm-tools component unbundle` if it imports preview1",
  pexe: "PNaCl has ended: rebuild the program from its source for wasm32-wasip1",
  bitcode: "Finish the build: `clang --target=wasm32-wasip1` makes a module of bitcode and source",
  elf: "A program of the operating system does not run: rebuild it for wasm32-wasip1, or as a nexe",
  text: "Translate it first: `wat2wasm FILE` or `wasm-tools parse FILE -o FILE.wasm`",
  script: "Run it with a runtime: `zerovm run python @FILE`; `zerovm runtime ls` shows them",
  tar: "An archive is given with `--image`; the program in it has to be a file of its own",
  gzip: "Unpack it first with `gunzip`",
  zip: "Unpack it first with `unzip`",
};

/** What to do about code that the rules of Native Client do not accept. */
export const NEXE_RECIPE = "Build it with a Native Client toolchain: zerovm cc";

/** The same for code that only the other policy accepts. */
export const NACL_RECIPE = "The rules of current Native Client accept it: --policy nacl";

/** What a file was to be, by its name, and what to do with what it is. */
export function fileRecipe(kind: ProgramKind, name: string): { expected: string; hint: string } {
  const recipe = FILE_RECIPES[kind];
  if (name.endsWith(".nexe")) {
    const expected = "a Native Client program, an ELF file for x86-64";
    return { expected, hint: (kind === "elf" ? undefined : recipe) ?? NEXE_RECIPE };
  }
  const hint = recipe ?? `A program is a WebAssembly module: ${FOR_WASIP1}`;
  return { expected: "a WebAssembly module", hint };
}
