/**
 * Runs a benchmark: `npm run bench -- NAME [--json] [--full]`; without a name, lists them. `--full` is for those that
 * have a longer form of themselves; they find it in their `process.argv`.
 *
 * A benchmark is a file bench/NAME.ts that exports `run(): Promise<{ figures, env?, lines? }>`. It runs in a process
 * of its own under the Node that runs hms-tui, on a freshly built program. With --json the last line of output is
 * `{"bench": NAME, "figures": {…}, "env": {…}}`. Each is meant to end within 60 s and is ended after 120; in full,
 * after ten times that.
 */
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { dirname, join } from 'node:path';
import { arch, argv, exit, platform, stderr, stdout, version } from 'node:process';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build, isStale } from './build.mjs';
import { nodeOf } from './setup/dependencies.mjs';
import { Stop } from './setup/say.mjs';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');
const END_AFTER_MS = 120_000;
const FULL_END_AFTER_MS = 1_200_000;
/** Time to end its fleets, once asked to, ms. */
const GRACE_MS = 10_000;

/** @typedef {{ figures: Record<string, number>, env?: Record<string, unknown>, lines?: readonly string[] }} Result */

/** Name → first sentence of its comment. @param {string} root @returns {Map<string, string>} */
export function benches(root) {
  const folder = join(root, 'bench');
  const files = existsSync(folder)
    ? readdirSync(folder)
        .filter(name => name.endsWith('.ts'))
        .sort()
    : [];
  return new Map(
    files.flatMap(file => {
      const text = readFileSync(join(folder, file), 'utf8');
      // The others hold what benchmarks share.
      if (!/^export (?:async )?(?:function run\b|const run\b)/m.test(text)) return [];
      const about = /^\/\*\*[\s*]*([\s\S]*?)\*\//.exec(text)?.[1]?.replace(/\s*\n\s*\*?\s*/g, ' ') ?? '';
      return [
        [
          file.replace(/\.ts$/, ''),
          about
            .split(/(?<=[.;:])\s/)[0]
            ?.trim()
            .replace(/[:;]$/, '') ?? '',
        ],
      ];
    }),
  );
}

/** @param {string} name @param {boolean} full @returns {Promise<Result>} */
function runApart(name, full) {
  const endAfterMs = full ? FULL_END_AFTER_MS : END_AFTER_MS;
  const args = [
    '--disable-warning=ExperimentalWarning',
    fileURLToPath(import.meta.url),
    '--child',
    name,
    ...(full ? ['--full'] : []),
  ];
  const child = spawn(nodeOf(ROOT), args, { cwd: ROOT, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  return new Promise((resolve, reject) => {
    /** @type {Result | undefined} */
    let result;
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      child.kill('SIGTERM');
      setTimeout(() => child.kill('SIGKILL'), GRACE_MS).unref();
    }, endAfterMs);
    child.on('message', message => {
      result = /** @type {Result} */ (message);
    });
    child.on('error', reject);
    child.on('exit', (code, signal) => {
      clearTimeout(timer);
      if (result && code === 0) return resolve(result);
      const how = late
        ? `did not end within ${endAfterMs / 1000} s`
        : signal
          ? `was ended by ${signal}`
          : `failed with exit code ${code}`;
      reject(new Stop(`the bench ${name} ${how}`, 'What it said stands above'));
    });
  });
}

/** @param {Record<string, unknown>} more */
function surroundings(more) {
  const tell = (/** @type {string} */ program, /** @type {string[]} */ args) => {
    try {
      return execFileSync(program, args, {
        cwd: ROOT,
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      }).trim();
    } catch {
      return '';
    }
  };
  const [first] = cpus();
  return {
    node: tell(nodeOf(ROOT), ['--version']) || version,
    tmux: tell('tmux', ['-V']).replace(/^tmux /, ''),
    cpus: cpus().length,
    cpu: first?.model.trim() ?? '',
    platform: `${platform} ${arch}`,
    commit: tell('git', ['rev-parse', '--short', 'HEAD']),
    ...more,
  };
}

/** @param {Record<string, number>} figures */
export function table(figures) {
  const width = Math.max(0, ...Object.keys(figures).map(name => name.length));
  return Object.entries(figures).map(
    ([name, value]) => `  ${name.padEnd(width)}  ${Number(value.toPrecision(4))}`,
  );
}

/** In the process of its own. @param {string} name */
async function runHere(name) {
  const bench = await import(pathToFileURL(join(ROOT, 'bench', `${name}.ts`)).href);
  const result = await bench.run();
  await new Promise(resolve => process.send?.(result, undefined, undefined, resolve));
  exit(0);
}

/** @param {readonly string[]} args */
async function main(args) {
  const json = args.includes('--json');
  const [name] = args.filter(arg => !arg.startsWith('--'));
  const known = benches(ROOT);
  if (name === undefined) {
    const width = Math.max(0, ...[...known.keys()].map(bench => bench.length));
    for (const [bench, about] of known) stdout.write(`${bench.padEnd(width)}  ${about}\n`);
    return;
  }
  if (!known.has(name))
    throw new Stop(`there is no bench ${name}`, `There are: ${[...known.keys()].join(', ')}`);
  if (isStale(ROOT)) await build(ROOT);
  const { figures, env = {}, lines = [] } = await runApart(name, args.includes('--full'));
  const around = surroundings(env);
  for (const line of [
    `${name}, ${around.cpu || 'unknown CPU'}, Node ${around.node}`,
    ...table(figures),
    ...lines,
  ]) {
    stdout.write(`${line}\n`);
  }
  if (json) stdout.write(`${JSON.stringify({ bench: name, figures, env: around })}\n`);
}

if (argv[2] === '--child' && argv[3]) await runHere(argv[3]);
else if (argv[1] === fileURLToPath(import.meta.url)) {
  main(argv.slice(2)).catch(error => {
    if (!(error instanceof Stop) && !(error instanceof Error && 'errors' in error)) throw error;
    stderr.write(`bench: ${error.message}\n`);
    exit(1);
  });
}
