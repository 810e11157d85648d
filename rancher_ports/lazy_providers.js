// What Node is told to require: provider packages load their modules when first used.
//
// A provider's index.js requires some thousand modules. The package ships lazy-index.js beside it, with a getter for each
// of them instead. Where both are of the known shape and name the same modules, index.js gets those getters for
// its exports and is not executed. Anything else is left to Node. See lazy_providers.py.
"use strict";

const fs = require("fs");
const Module = require("module");
const path = require("path");

const INDEX = path.join(path.sep, "lib", "index.js");
const PROVIDER = /^@cdkt[fn]\/provider-[a-z0-9-]+$/;

// As TypeScript compiles `export * as x from "./x"`, with and without interoperability with ES modules.
const EAGER = /^exports\.(\w+) = (?:require\("(\.\/[\w-]+)"\)|__importStar\(require\("(\.\/[\w-]+)\/index"\)\));$/gm;
const LAZY = /^Object\.defineProperty\(exports, '(\w+)', \{ get: function \(\) \{ return require\('(\.\/[\w-]+)'\); \} \}\);$/gm;
const MARK = /^Object\.defineProperty\(exports, "__esModule", \{ value: true \}\);$/m;
const DECLARED = /^(?:exports\.\w+ = )+void 0;$/gm;

// A file's text without the line that is most of it.
function withoutSourceMap(bytes) {
  const begin = bytes.indexOf("\n//# sourceMappingURL=");
  if (begin < 0) return bytes.toString();
  const end = bytes.indexOf("\n", begin + 1);
  return bytes.toString("utf8", 0, begin + 1) + (end < 0 ? "" : bytes.toString("utf8", end + 1));
}

// The modules that a file exports, by name; undefined if it does anything else with exports, or requires anything else.
function modulesIn(file, pattern) {
  const code = withoutSourceMap(fs.readFileSync(file));
  const modules = new Map();
  const rest = code.replace(pattern, (_, name, ...requests) => {
    modules.set(name, requests.find((request) => request !== undefined));
    return "";
  });
  const known = rest.replace(MARK, "").replace(DECLARED, "");
  return /\b(?:exports|require)\b/.test(known) ? undefined : { modules, marked: MARK.test(rest) };
}

// The names that a provider's index.js exports; undefined if the file is none, or not of the known shape.
function namesIn(filename) {
  if (!filename.endsWith(INDEX)) return undefined;
  const lib = path.dirname(filename);
  const root = path.dirname(lib);
  const manifest = JSON.parse(fs.readFileSync(path.join(root, "package.json"), "utf8"));
  if (!PROVIDER.test(manifest.name) || path.resolve(root, manifest.main) !== filename) return undefined;
  const eager = modulesIn(filename, EAGER);
  const lazy = modulesIn(path.join(lib, "lazy-index.js"), LAZY);
  if (!eager || !lazy || !eager.marked || eager.modules.size === 0 || eager.modules.size !== lazy.modules.size) {
    return undefined;
  }
  const names = [...eager.modules.keys()];
  return names.every((name) => lazy.modules.get(name) === eager.modules.get(name)) ? names : undefined;
}

// lazy-index.js cannot stand for index.js as it is: its exports cannot be enumerated, and not every one has __esModule,
// so that a construct library compiled with `import * as` would find nothing in it.
function define(exports, lazy, names) {
  Object.defineProperty(exports, "__esModule", { value: true });
  for (const name of names) {
    const set = (value) => {
      Object.defineProperty(exports, name, { configurable: true, enumerable: true, writable: true, value });
      return value;
    };
    Object.defineProperty(exports, name, { configurable: true, enumerable: true, get: () => set(lazy[name]), set });
  }
}

const load = Module._extensions && Module._extensions[".js"];
if (!process.env.RANCHER_PORTS_NO_LAZY_PROVIDERS && typeof load === "function") {
  Module._extensions[".js"] = function (module, filename) {
    try {
      const names = namesIn(filename);
      if (names) {
        define(module.exports, module.require("./lazy-index.js"), names);
        return undefined;
      }
    } catch {
      // Whatever it was: Node loads the file, or says itself what is wrong.
    }
    return load.apply(this, arguments);
  };
}
