#!/usr/bin/env node
// Prints the licences of everything that is compiled into the two programs and the window's pages: most of them ask for
// their text to go wherever the program goes. Needs a fetched Cargo.lock and an installed ui/node_modules.

import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const PROGRAMS = ["doorcode", "doorcode-desktop"];
const LICENCE_FILE = /^(licen[cs]e|copying|notice|unlicense|copyright)/i;
const RULE = "=".repeat(80);

const parts = [...crates(), ...modules()].sort((a, b) =>
  a.name.localeCompare(b.name, "en"),
);
const byText = new Map();
for (const part of parts) {
  for (const text of texts(part.folder)) {
    byText.set(text, [...(byText.get(text) ?? []), part.name]);
  }
}
const lines = [
  "Doorcode contains these libraries, unchanged; their source is where the address says:",
  "",
];
lines.push(
  ...parts.map(
    ({ name, licence, source }) =>
      `  ${name}: ${licence}${source ? `, ${source}` : ""}`,
  ),
);
for (const [text, names] of byText) {
  lines.push("", RULE, ...names, RULE, "", text);
}
process.stdout.write(`${lines.join("\n")}\n`);

/** The crates that are linked into the programs: not ours, and not what only runs while they are built. */
function crates() {
  const host = /host: (.*)/.exec(run("rustc", "-vV"))[1];
  const metadata = JSON.parse(
    run(
      "cargo",
      "metadata",
      "--format-version=1",
      "--locked",
      `--filter-platform=${host}`,
    ),
  );
  const packages = new Map(metadata.packages.map((found) => [found.id, found]));
  const nodes = new Map(metadata.resolve.nodes.map((node) => [node.id, node]));
  const queue = metadata.packages
    .filter((found) => PROGRAMS.includes(found.name))
    .map((found) => found.id);
  const linked = new Set(queue);
  for (const id of queue) {
    for (const dependency of nodes.get(id).deps) {
      const normal = dependency.dep_kinds.some((kind) => kind.kind === null);
      const macro = packages
        .get(dependency.pkg)
        .targets.some((target) => target.kind.includes("proc-macro"));
      if (!normal || macro || linked.has(dependency.pkg)) continue;
      linked.add(dependency.pkg);
      queue.push(dependency.pkg);
    }
  }
  return [...linked]
    .map((id) => packages.get(id))
    .filter((found) => found.source !== null)
    .map((found) => ({
      name: `${found.name} ${found.version}`,
      licence: found.license ?? `see ${found.license_file}`,
      source: found.repository ?? found.homepage,
      folder: dirname(found.manifest_path),
    }));
}

/** What the window's pages import, and Svelte, whose runtime the compiled pages need. */
function modules() {
  const installed = join(root, "ui/node_modules");
  const manifest = (folder) =>
    JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const names = [
    "svelte",
    ...Object.keys(manifest(join(root, "ui")).dependencies),
  ];
  return names.map((name) => {
    const folder = join(installed, name);
    const { version, license, homepage } = manifest(folder);
    return {
      name: `${name} ${version}`,
      licence: license,
      source: homepage,
      folder,
    };
  });
}

function texts(folder) {
  const files = readdirSync(folder, { withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  const names = files
    .map((entry) => entry.name)
    .filter((name) => LICENCE_FILE.test(name) && !name.endsWith(".rs"));
  return names
    .sort()
    .map((name) => readFileSync(join(folder, name), "utf8").trim());
}

function run(program, ...args) {
  return execFileSync(program, args, {
    cwd: root,
    encoding: "utf8",
    maxBuffer: 1 << 28,
  });
}
