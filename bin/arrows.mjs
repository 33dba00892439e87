/**
 * Holds the arrows of the house: which room may import which, read from the sources.
 *
 *   node bin/arrows.mjs [FOLDER]     prints `file:line: …` for each violation, then `arrows: N files, M violations`
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { argv, stdout } from 'node:process';
import { fileURLToPath } from 'node:url';

const CAPABILITIES = [
  'tmux',
  'screens',
  'drivers',
  'gate',
  'healing',
  'chaos',
  'recording',
  'fleet',
  'worktrees',
  'notify',
  'functions',
];

/**
 * cli → console | engine → cells → capabilities → journal → model. A room may import itself and what stands here.
 * A capability may import the journal's interface, never another capability.
 * @type {Readonly<Record<string, readonly string[]>>}
 */
const MAY = {
  model: [],
  journal: ['model'],
  protocol: ['model'],
  // What runs on this machine: below the capabilities, since tmux and the cells both tell processes apart.
  processes: ['model', 'protocol'],
  ...Object.fromEntries(CAPABILITIES.map(room => [room, ['journal', 'model', 'protocol']])),
  tmux: ['journal', 'model', 'processes', 'protocol'],
  cells: [...CAPABILITIES, 'journal', 'model', 'processes', 'protocol'],
  engine: ['cells', ...CAPABILITIES, 'journal', 'model', 'processes', 'protocol'],
  console: [...CAPABILITIES, 'journal', 'model', 'protocol'],
  panes: ['console', 'model'],
  cli: ['console', 'panes', 'engine', ...CAPABILITIES, 'journal', 'model', 'processes', 'protocol'],
};

/** Packages that only some rooms may use: the engine and what is below it must start without a screen. */
const ONLY_IN = [
  {
    packages: ['ink', 'react'],
    rooms: ['console', 'panes'],
    why: 'what draws stays out of what works without a screen',
  },
  {
    packages: ['blessed', 'blessed-contrib'],
    rooms: ['console'],
    why: 'only the dash window draws with them',
  },
  { packages: ['commander'], rooms: ['cli'], why: 'only the command line reads arguments' },
];

/** What the pure room may take from Node: hashing is a function of its arguments. */
const PURE = ['node:crypto'];

/** @typedef {{ file: string, line: number, text: string }} Violation */
/**
 * `loads`: at once, when the importing file is loaded; not so a type, which is gone by then, or an `import()`.
 * @typedef {{ specifier: string, line: number, loads: boolean }} Import
 */

/**
 * Comments go, lines and everything in quotes stay.
 * @param {string} source
 */
function withoutComments(source) {
  const pieces =
    /\/\*[\s\S]*?\*\/|\/\/[^\n]*|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\[\s\S]|[^`\\])*`/g;
  return source.replace(pieces, piece => (piece.startsWith('/') ? piece.replace(/[^\n]/g, ' ') : piece));
}

/** @param {string} source @returns {Import[]} */
export function importsOf(source) {
  const text = withoutComments(source);
  const forms = [
    {
      form: /^[ \t]*(?:import|export)\b(?<types>\s+type\b(?!\s+from))?[^;'"`]*?\bfrom\s*(['"])(?<name>[^'"\n]+)\2/gm,
      now: true,
    },
    { form: /^[ \t]*import\s*(['"])(?<name>[^'"\n]+)\1/gm, now: true },
    { form: /\bimport\(\s*(['"])(?<name>[^'"\n]+)\1/g, now: false },
  ];
  return forms.flatMap(({ form, now }) =>
    [...text.matchAll(form)].map(match => {
      const specifier = match.groups?.name ?? '';
      const at = match.index + match[0].lastIndexOf(specifier);
      const line = text.slice(0, at).split('\n').length;
      return { specifier, line, loads: now && match.groups?.types === undefined };
    }),
  );
}

/** The room of a file, given from the top: `src/gate/facts.ts` → gate. @param {string} file @returns {string | undefined} */
function roomOf(file) {
  const [first = '', second = '', ...rest] = file.split('/');
  if (first === 'panes') return 'panes';
  return first === 'src' && rest.length > 0 ? second : undefined;
}

/** Which cell a file of src/cells belongs to. @param {string} file */
function cellOf(file) {
  return (file.split('/')[2] ?? '').replace(/\.tsx?$/, '');
}

/** The one table of panes: the console shows what is in it, and knows no pane by name. */
const PANES = 'panes/index.ts';

/** What all cells may share: what a cell is. */
const CELL = ['cell', 'types'];

/**
 * @param {ReadonlyMap<string, string>} sources file → text, with / and from the top
 * @returns {Violation[]}
 */
export function violations(sources) {
  /** @type {Violation[]} */
  const found = [];
  /** @type {Map<string, { target: string, line: number }[]>} */
  const graph = new Map();
  for (const [file, source] of sources) {
    const room = roomOf(file);
    const may = room === undefined ? undefined : MAY[room];
    if (room === undefined || may === undefined) {
      found.push({ file, line: 1, text: `stands in no room of the house (${Object.keys(MAY).join(', ')})` });
      continue;
    }
    /** @type {{ target: string, line: number }[]} */
    const edges = [];
    for (const { specifier, line, loads } of importsOf(source)) {
      const text = specifier.startsWith('.')
        ? roomRule(file, room, may, specifier)
        : packageRule(room, specifier);
      if (text) found.push({ file, line, text });
      const target = specifier.startsWith('.') ? targetOf(file, specifier) : undefined;
      if (target !== undefined && loads && sources.has(target)) edges.push({ target, line });
    }
    graph.set(file, edges);
    for (const line of tmuxSpawns(room, source)) {
      found.push({ file, line, text: 'only src/tmux runs tmux' });
    }
  }
  return [...found, ...cycles(graph)].sort((a, b) => a.file.localeCompare(b.file) || a.line - b.line);
}

/** @param {string} file @param {string} specifier */
function targetOf(file, specifier) {
  return relative('.', join(dirname(file), specifier))
    .split(sep)
    .join('/');
}

/** @param {string} file @param {string} room @param {readonly string[]} may @param {string} specifier */
function roomRule(file, room, may, specifier) {
  const target = targetOf(file, specifier);
  if (target === 'package.json') return room === 'cli' ? undefined : 'only src/cli reads package.json';
  const other = roomOf(target);
  if (other === undefined) return `imports ${target}, which is in no room`;
  if (other === room) {
    if (room !== 'cells' || cellOf(file) === cellOf(target) || CELL.includes(cellOf(target)))
      return undefined;
    return `the cell ${cellOf(file)} imports the cell ${cellOf(target)}: cells meet in the journal`;
  }
  if (may.includes(other)) return undefined;
  if (room === 'console' && target === PANES) return undefined;
  if (CAPABILITIES.includes(room) && CAPABILITIES.includes(other)) {
    return `the capability ${room} imports the capability ${other}: wire them in a cell or in the engine`;
  }
  return `${room} imports ${other}; it may import ${may.length === 0 ? 'nothing but itself' : may.join(', ')}`;
}

/** @param {string} room @param {string} specifier */
function packageRule(room, specifier) {
  const [first = '', second = ''] = specifier.split('/');
  const name = first.startsWith('@') ? `${first}/${second}` : first;
  if (
    room === 'model' &&
    (specifier.startsWith('node:') || builtinModules.includes(name)) &&
    !PURE.includes(specifier)
  ) {
    return `the model is pure and imports ${specifier}`;
  }
  const rule = ONLY_IN.find(({ packages, rooms }) => packages.includes(name) && !rooms.includes(room));
  return rule ? `${room} imports ${name}: ${rule.why}` : undefined;
}

/** @param {string} room @param {string} source */
function tmuxSpawns(room, source) {
  if (room === 'tmux') return [];
  const text = withoutComments(source);
  return [...text.matchAll(/\b(?:spawn|execFile|exec)(?:Sync)?\(\s*['"`]tmux\b/g)].map(
    match => text.slice(0, match.index).split('\n').length,
  );
}

/**
 * Every circle of files that load each other, once.
 * @param {ReadonlyMap<string, readonly { target: string, line: number }[]>} graph
 * @returns {Violation[]}
 */
function cycles(graph) {
  /** @type {Violation[]} */
  const found = [];
  /** @type {Set<string>} */
  const done = new Set();
  /** @type {(file: string, trail: readonly string[]) => void} */
  const walk = (file, trail) => {
    for (const { target, line } of graph.get(file) ?? []) {
      const start = [...trail, file].indexOf(target);
      if (start >= 0) {
        const ring = [...[...trail, file].slice(start), target];
        found.push({ file, line, text: `a circle: ${ring.join(' → ')}` });
      } else if (!done.has(target)) walk(target, [...trail, file]);
    }
    done.add(file);
  };
  for (const file of graph.keys()) if (!done.has(file)) walk(file, []);
  return found;
}

/** @param {string} root @returns {Map<string, string>} the sources that have rooms */
export function readSources(root) {
  const files = ['src', 'panes']
    .filter(folder => existsSync(join(root, folder)))
    .flatMap(folder =>
      readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map(name => join(folder, name)),
    )
    .filter(name => /\.tsx?$/.test(name))
    .sort();
  return new Map(files.map(file => [file.split(sep).join('/'), readFileSync(join(root, file), 'utf8')]));
}

if (argv[1] && resolve(argv[1]) === fileURLToPath(import.meta.url)) {
  const sources = readSources(argv[2] ?? join(dirname(fileURLToPath(import.meta.url)), '..'));
  const found = violations(sources);
  for (const { file, line, text } of found) stdout.write(`${file}:${line}: ${text}\n`);
  stdout.write(`arrows: ${sources.size} files, ${found.length} violation${found.length === 1 ? '' : 's'}\n`);
  if (found.length > 0) process.exitCode = 1;
}
