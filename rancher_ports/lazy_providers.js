// What Node is told to require: provider packages load their modules when first used.
//
// A provider's index.js requires some thousand modules. The package ships lazy-index.js beside it, which names the same
// modules, each in a getter. Where both are of the known shape and name the same, index.js gets such getters for its
// exports and is not executed. Anything else is left to Node, but for two things: what cdktf packs assets with waits for
// its use, and jsii's index of a provider is built in a process of its own. See lazy_providers.py.
"use strict";

const fs = require("fs");
const Module = require("module");
const path = require("path");
const threads = require("worker_threads");

const INDEX = path.join(path.sep, "lib", "index.js");
const PACKING = path.join(path.sep, "lib", "private", "fs.js");
const PROVIDER = /^@cdkt[fn]\/provider-[a-z0-9-]+$/;

const GETTER = /Object\.defineProperty\(exports, '(\w+)', \{ get: function \(\) \{ return require\('(\.\/[\w-]+)'\); \} \}\);\n/y;
// As TypeScript compiles `export * as x from "./x"`, with and without interoperability with ES modules.
const EXPORTED = [
  ([name, request]) => `exports.${name} = require("${request}");\n`,
  ([name, request]) => `exports.${name} = __importStar(require("${request}/index"));\n`,
];
const MARK = 'Object.defineProperty(exports, "__esModule", { value: true });\n';
const UNSET = " = void 0;";
const HELPER = /^var (?:__createBinding|__setModuleDefault|__importStar) = \(this && this\.__\w+\) \|\| /;

// A file's text without the line that is most of it.
function withoutSourceMap(bytes) {
  const begin = bytes.indexOf("\n//# sourceMappingURL=");
  if (begin < 0) return bytes.toString();
  const end = bytes.indexOf("\n", begin + 1);
  return bytes.toString("utf8", 0, begin + 1) + (end < 0 ? "" : bytes.toString("utf8", end + 1));
}

// Whether lines are nothing but comments and what TypeScript puts before a file's own statements.
function areNothing(lines) {
  let inside = "";
  for (const line of lines) {
    if (inside === "comment") {
      const end = line.indexOf("*/");
      if (end >= 0 && end !== line.length - 2) return false;
      if (end >= 0) inside = "";
    } else if (inside === "helper") {
      if (line.startsWith("}") && line.endsWith(");")) inside = "";
    } else if (/^\/\*\*(?!.*\*\/.)/.test(line)) {
      if (!line.endsWith("*/")) inside = "comment";
    } else if (HELPER.test(line)) {
      inside = "helper";
    } else if (line !== "" && line !== '"use strict";' && !line.startsWith("//") && `${line}\n` !== MARK) {
      return false;
    }
  }
  return inside === "";
}

// The names and modules that lazy-index.js has getters for; empty if it does anything else.
function modulesIn(lazy) {
  const modules = [];
  const first = lazy.indexOf("Object.defineProperty(exports, '");
  if (first < 0 || !areNothing(lazy.slice(0, first).split("\n"))) return modules;
  let end = (GETTER.lastIndex = first);
  for (let found = GETTER.exec(lazy); found; found = GETTER.exec(lazy)) {
    modules.push([found[1], found[2]]);
    end = GETTER.lastIndex;
  }
  return areNothing(lazy.slice(end).split("\n")) ? modules : [];
}

// Whether index.js exports just these, in this order, and does nothing else. The exports are written out and looked for,
// since to read them takes longer than everything else here.
function exportsJust(modules, index) {
  for (const exported of EXPORTED) {
    const [before, after, ...more] = index.split(modules.map(exported).join(""));
    if (after === undefined || more.length > 0 || !before.includes(MARK)) continue;
    // Each is declared before it gets its value, some fifty in a line.
    const names = new Set(modules.map(([name]) => `exports.${name}`));
    const declares = (line) => line.endsWith(UNSET) && line.slice(0, -UNSET.length).split(" = ").every((name) => names.has(name));
    return areNothing(before.split("\n").filter((line) => !declares(line))) && areNothing(after.split("\n"));
  }
  return false;
}

// What a provider's index.js exports; undefined if the file is none, or not of the known shape.
function exportsOf(filename) {
  if (!filename.endsWith(INDEX)) return undefined;
  const lib = path.dirname(filename);
  const root = path.dirname(lib);
  const manifest = JSON.parse(fs.readFileSync(path.join(root, "package.json"), "utf8"));
  if (!PROVIDER.test(manifest.name) || path.resolve(root, manifest.main) !== filename) return undefined;
  const modules = modulesIn(withoutSourceMap(fs.readFileSync(path.join(lib, "lazy-index.js"))));
  if (modules.length === 0) return undefined;
  return exportsJust(modules, withoutSourceMap(fs.readFileSync(filename))) ? modules : undefined;
}

// lazy-index.js cannot stand for index.js as it is: its exports cannot be enumerated, and not every one has __esModule,
// so that a construct library compiled with `import * as` would find nothing in it.
function define(module, modules) {
  const exports = module.exports;
  Object.defineProperty(exports, "__esModule", { value: true });
  for (const [name, request] of modules) {
    const set = (value) => {
      Object.defineProperty(exports, name, { configurable: true, enumerable: true, writable: true, value });
      return value;
    };
    const get = () => set(module.require(request));
    Object.defineProperty(exports, name, { configurable: true, enumerable: true, get, set });
  }
}

// With what cdktf packs folders for assets: some sixty modules, a tenth of the start of an app, which most apps never
// use. cdktn does without.
function isPacking(filename) {
  if (!filename.endsWith(PACKING)) return false;
  const root = path.resolve(filename, "..", "..", "..");
  return JSON.parse(fs.readFileSync(path.join(root, "package.json"), "utf8")).name === "cdktf";
}

function packWhenUsed(module) {
  const require = module.require;
  module.require = function (request) {
    if (request !== "archiver") return require.apply(this, arguments);
    const archiver = () => require.call(module, request);
    return new Proxy(function () {}, {
      apply: (_, self, given) => Reflect.apply(archiver(), self, given),
      get: (_, name) => archiver()[name],
    });
  };
}

// Of a provider's package jsii reads its 130 MB of descriptions, and has a thread make an index of them for the next run.
// An app that ends before the thread takes it along: it would read all of them each time. So the thread is one of
// another process, which no one waits for, as git cleans up behind a command.
const INDEXING = "runtime-index-worker.js";
const LOCK = ".rancher-ports-indexing";
const ABANDONED = 60_000; // milliseconds; it takes some three seconds
const INDEX_AND_UNLOCK = `
  const fs = require("fs");
  const { Worker } = require("worker_threads");
  const [lock, workerData] = process.argv.slice(1);
  process.on("exit", () => fs.rmSync(lock, { force: true }));
  new Worker(fs.readFileSync(0, "utf8"), { eval: true, workerData: JSON.parse(workerData) });
`;

// Where a thread is to put the index of a provider's package; undefined for any other thread.
function toIndex(file, options) {
  // The package is linked from a folder that goes with the process. Where links cannot be made, on Windows, it is copied.
  if (process.platform === "win32" || path.basename(String(file)) !== INDEXING) return undefined;
  const folder = fs.realpathSync(options.workerData.packageDir);
  return PROVIDER.test(JSON.parse(fs.readFileSync(path.join(folder, "package.json"), "utf8")).name) ? folder : undefined;
}

// One process at a time for a package, however many apps are started at once.
function lockedBy(lock) {
  try {
    if (Date.now() - fs.statSync(lock).mtimeMs > ABANDONED) fs.rmSync(lock, { force: true });
  } catch {
    // There is none, as nearly always.
  }
  try {
    fs.closeSync(fs.openSync(lock, "wx"));
    return false;
  } catch (error) {
    if (error.code === "EEXIST") return true;
    throw error;
  }
}

function indexBeside(folder, file, workerData) {
  const lock = path.join(folder, LOCK);
  if (lockedBy(lock)) return new (require("events"))();
  // The file goes with the process too, so it is opened now.
  const code = fs.openSync(file);
  const { spawn } = require("child_process");
  const os = require("os");
  try {
    const env = { ...process.env, RANCHER_PORTS_NO_LAZY_PROVIDERS: "1" };
    const given = ["-e", INDEX_AND_UNLOCK, lock, JSON.stringify({ ...workerData, packageDir: folder })];
    const child = spawn(process.execPath, given, { cwd: folder, detached: true, env, stdio: [code, "ignore", "ignore"] });
    child.on("error", () => fs.rmSync(lock, { force: true }));
    // Before anything that may fail: the app is not to wait for it in any case.
    child.unref();
    if (child.pid) {
      fs.writeFileSync(lock, String(child.pid));
      os.setPriority(child.pid, os.constants.priority.PRIORITY_LOW);
    }
    return child;
  } finally {
    fs.closeSync(code);
  }
}

function construct(Worker, given, target) {
  try {
    const [file, options] = given;
    const folder = toIndex(file, options);
    if (folder) return indexBeside(folder, file, options.workerData);
  } catch {
    // jsii has the thread that it asked for.
  }
  return Reflect.construct(Worker, given, target);
}

// That index goes with a file of 35 MB, which jsii reads whole, to take the descriptions of the few types in use from it.
const DESCRIPTIONS = ".jsii.runtime-defs.v1.jsonl";
const readFileSync = fs.readFileSync;

// In place of a file's bytes: a text in it is read when asked for; for anything else, all of it is.
function readInParts(file) {
  let bytes;
  const all = () => (bytes = bytes || readFileSync(file));
  const toString = (encoding, start, end) => {
    if (bytes || !(start >= 0 && end >= start)) return all().toString(encoding, start, end);
    const part = Buffer.alloc(end - start);
    const descriptor = fs.openSync(file);
    try {
      return fs.readSync(descriptor, part, 0, part.length, start) === part.length
        ? part.toString(encoding)
        : all().toString(encoding, start, end);
    } finally {
      fs.closeSync(descriptor);
    }
  };
  const get = (_, name) => {
    if (name === "toString") return toString;
    const value = all()[name];
    return typeof value === "function" ? value.bind(all()) : value;
  };
  return new Proxy({}, { get });
}

function read(file, options) {
  const isIt = options === undefined && typeof file === "string" && path.basename(file) === DESCRIPTIONS;
  return isIt && fs.existsSync(file) ? readInParts(file) : readFileSync.apply(this, arguments);
}

if (!process.env.RANCHER_PORTS_NO_LAZY_PROVIDERS) {
  threads.Worker = new Proxy(threads.Worker, { construct });
  fs.readFileSync = read;
}

const load = Module._extensions && Module._extensions[".js"];
if (!process.env.RANCHER_PORTS_NO_LAZY_PROVIDERS && typeof load === "function") {
  Module._extensions[".js"] = function (module, filename) {
    try {
      const modules = exportsOf(filename);
      if (modules) {
        define(module, modules);
        return undefined;
      }
      if (isPacking(filename)) packWhenUsed(module);
    } catch {
      // Whatever it was: Node loads the file, or says itself what is wrong.
    }
    return load.apply(this, arguments);
  };
}
