// Generates fhir-profiles/package out of input/fsh and sushi-config.yaml. Without an argument it replaces what is there;
// with --check it changes nothing and fails when something differs. Needs no network once `npm ci` has run.
import {spawnSync} from 'node:child_process';
import {cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {dirname, join} from 'node:path';
import {fileURLToPath} from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const packageFolder = join(here, 'package');
const modules = join(here, 'node_modules');

const read = file => JSON.parse(readFileSync(file, 'utf8'));
const text = json => JSON.stringify(json, null, 2) + '\n';

/** SUSHI reads FHIR itself from a package cache; the package registry is not needed for that, the npm package has the same definitions. */
function corePackage(cache) {
  const folder = join(cache, '.fhir', 'packages', 'hl7.fhir.r4.core#4.0.1');
  if (existsSync(folder)) {
    return;
  }
  const source = join(modules, '@medplum', 'definitions', 'dist', 'fhir', 'r4');
  const unfinished = `${folder}.${process.pid}`;
  mkdirSync(join(unfinished, 'package'), {recursive: true});
  const files = [];
  for (const bundle of ['profiles-types', 'profiles-resources', 'profiles-others', 'extension-definitions',
    'search-parameters', 'valuesets', 'v3-codesystems', 'v2-tables', 'conceptmaps']) {
    for (const {resource} of read(join(source, `${bundle}.json`)).entry) {
      const filename = `${resource.resourceType}-${resource.id}.json`;
      writeFileSync(join(unfinished, 'package', filename), JSON.stringify(resource));
      files.push(indexed(filename, resource));
    }
  }
  writeFileSync(join(unfinished, 'package', '.index.json'), JSON.stringify({'index-version': 1, files}));
  writeFileSync(join(unfinished, 'package', 'package.json'), JSON.stringify({
    name: 'hl7.fhir.r4.core', version: '4.0.1', type: 'Core', fhirVersions: ['4.0.1'], 'tools-version': 3,
  }));
  renameSync(unfinished, folder);
}

/** The line of a resource in the index of a FHIR package. */
function indexed(filename, {resourceType, id, url, version, kind, type}) {
  return {filename, resourceType, id, url, version,
    ...resourceType === 'StructureDefinition' && {kind, type}};
}

function sushi(cache, project) {
  const bin = join(modules, 'fsh-sushi', 'dist', 'app.js');
  const run = spawnSync(process.execPath, [bin, 'build', '--snapshot', '--log-level', 'warn', project],
      {env: {...process.env, HOME: cache}, encoding: 'utf8'});
  const said = run.stdout + run.stderr;
  if (run.status !== 0) {
    throw new Error(`SUSHI failed:\n${said}`);
  }
  // What SUSHI would load beside FHIR itself is for the tools of an implementation guide; there is none here.
  const warnings = said.split('\n').filter(line => /^\s*warn/.test(line) && !line.includes('Failed to load automatically-provided'));
  if (warnings.length > 0) {
    throw new Error(`SUSHI warns:\n${said}`);
  }
}

/**
 * Takes away the bindings of elements that a profile leaves no coded type: SUSHI's snapshots keep what the base binds, which HL7's
 * validator refuses.
 */
function withoutIdleBindings(resource) {
  for (const element of resource.snapshot?.element ?? []) {
    if (element.binding && element.type?.length > 0 && element.type.every(type => type.code === 'Reference')) {
      delete element.binding;
    }
  }
}

/** The files of the package, by their path in it. */
function generate() {
  const work = mkdtempSync(join(tmpdir(), 'fhir-profiles-'));
  try {
    const cache = join(modules, '.cache', 'fhir');
    corePackage(cache);
    for (const source of ['input/fsh', 'sushi-config.yaml']) {
      cpSync(join(here, source), join(work, source), {recursive: true});
    }
    sushi(cache, work);
    const files = new Map();
    const index = [];
    const exampleIndex = [];
    const manifest = join(here, 'input', 'package.json');
    const {canonical} = read(manifest);
    const built = join(work, 'fsh-generated', 'resources');
    for (const filename of readdirSync(built).sort()) {
      const resource = read(join(built, filename));
      const definition = resource.url?.startsWith(canonical) || resource.resourceType === 'Basic';
      withoutIdleBindings(resource);
      (definition ? index : exampleIndex).push(indexed(filename, resource));
      files.set(definition ? filename : `example/${filename}`, text(resource));
    }
    files.set('.index.json', text({'index-version': 1, files: index}));
    files.set('example/.index.json', text({'index-version': 1, files: exampleIndex}));
    files.set('package.json', readFileSync(manifest, 'utf8'));
    return files;
  } finally {
    rmSync(work, {recursive: true});
  }
}

function present() {
  const files = new Map();
  for (const entry of readdirSync(packageFolder, {recursive: true, withFileTypes: true})) {
    if (entry.isFile()) {
      const path = join(entry.parentPath, entry.name);
      files.set(path.slice(packageFolder.length + 1), readFileSync(path, 'utf8'));
    }
  }
  return files;
}

const generated = generate();
if (process.argv.includes('--check')) {
  const committed = existsSync(packageFolder) ? present() : new Map();
  const different = [...new Set([...generated.keys(), ...committed.keys()])]
      .filter(path => generated.get(path) !== committed.get(path)).sort();
  if (different.length > 0) {
    console.error(`fhir-profiles/package is not what fhir-profiles/build makes of the sources; run it. Different: ${different.join(', ')}`);
    process.exit(1);
  }
} else {
  rmSync(packageFolder, {recursive: true, force: true});
  for (const [path, content] of generated) {
    mkdirSync(dirname(join(packageFolder, path)), {recursive: true});
    writeFileSync(join(packageFolder, path), content);
  }
}
console.log(`${generated.size} files`);
