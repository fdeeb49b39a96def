/**
 * Runs a bundle of `dist` with the code that the engine made of it when it was built, where there
 * is some for this engine in `dist/compiled`: a start then saves the reading of the text and the
 * compiling of every function that it calls.
 */
"use strict";

const { mkdirSync, readFileSync, renameSync, statSync, writeFileSync } = require("node:fs");
const { join } = require("node:path");
const { Script } = require("node:vm");

const dist = join(__dirname, "..", "dist");

/**
 * @param {string} name of the bundle, without its ending
 * @param {boolean} stores the code is written when the process ends, with every function in it
 *   that was called until then
 */
function runCompiled(name, stores) {
  const program = join(dist, `${name}.cjs`);
  const code = join(dist, "compiled", `${name}-${process.versions.v8}-${process.arch}`);
  const parameters = "exports, require, module, __filename, __dirname";
  // The bundler writes ASCII only, which is read fastest so.
  const text = readFileSync(program, "latin1");
  const script = new Script(`(function (${parameters}) {${text}\n})`, {
    filename: program,
    cachedData: stores ? undefined : readCode(code, program),
  });
  if (stores) process.on("exit", () => writeCode(code, script.createCachedData()));
  script.runInThisContext()(exports, Object.assign(load, require), module, program, dist);
}

/** Bundles name those beside them by a path from their own folder. */
function load(name) {
  return require(name.startsWith("./") ? join(dist, name) : name);
}

/** The engine itself refuses code of another engine, or of a text of another length. */
function readCode(path, program) {
  try {
    if (statSync(path).mtimeMs < statSync(program).mtimeMs) return undefined;
    return readFileSync(path);
  } catch {
    return undefined;
  }
}

function writeCode(path, bytes) {
  mkdirSync(join(path, ".."), { recursive: true });
  writeFileSync(`${path}.new`, bytes);
  renameSync(`${path}.new`, path);
}

module.exports = { runCompiled };
