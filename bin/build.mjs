/**
 * Builds src/cli/main.ts to dist/: ES modules with splitting, so that a command loads only what it needs.
 *
 *   node bin/build.mjs [--if-stale] [--clean]
 *
 * dist/hms.mjs is the start (bin/boot.mjs), dist/main.mjs the program. Chunks carry a hash in their names, and old
 * ones stay for a week: an engine that runs while you build can still load its own.
 */
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { builtinModules } from 'node:module';
import { basename, dirname, join, resolve } from 'node:path';
import { argv, exit, pid, stderr, stdout } from 'node:process';
import { fileURLToPath } from 'node:url';
import { isCurrent, keepStamp, stampOf } from './stamp.mjs';

const BIN = import.meta.dirname;

/** These load files that lie beside them (WebAssembly, a native add-on, terminal descriptions), so they stay packages. */
const EXTERNAL = [
  '@cedar-policy/cedar-wasm',
  '@cedar-policy/cedar-wasm/nodejs',
  'node-pty',
  'blessed',
  'blessed-contrib',
];
/** What Ink is made of makes its segmenters as it is loaded. @type {import('esbuild').Plugin} */
const lazySegmenters = {
  name: 'lazy-segmenters',
  setup({ onLoad }) {
    onLoad(
      {
        filter:
          /(ink.build.line-update|slice-ansi.tokenize-ansi|wrap-ansi.index|ansi-tokenize.build.tokenize)\.js$/,
      },
      ({ path }) => ({
        contents: `import { LazySegmenter } from ${JSON.stringify(join(BIN, 'lazy-segmenter.mjs'))};
${readFileSync(path, 'utf8').replaceAll('new Intl.Segmenter(', 'new LazySegmenter(')}`,
      }),
    );
  },
};
/** Files the program reads beside itself. */
const BESIDE = ['src/journal/standalone-verify.mjs'];
const INPUTS = [
  'src',
  'panes',
  'bin/boot.mjs',
  'bin/build.mjs',
  'bin/lazy-segmenter.mjs',
  'bin/lazy-width.mjs',
  'package.json',
  'package-lock.json',
  'tsconfig.json',
];
const WEEK = 7 * 24 * 3600 * 1000;

const BUILTINS = new Set(
  builtinModules.flatMap(name => [name, `node:${name}`]).concat('node:sqlite', 'node:test'),
);
const IMPORT =
  /\bimport(?: ?(?<all>[\w$]+)(?=[ ,]))?,?(?:\*as (?<space>[\w$]+) |(?<names>\{[^{}]*\})| )?(?:from)?"(?<from>[\w:/]+)";/g;

/**
 * Importing a built-in as an ES module makes Node read its every export, getters and all; asking for it as an object
 * does not. Saves 9 of 52 ms of `hms-tui --version` (medians of 40). The statements become white space and move to the
 * first line, which is the banner's, so that the source map still fits.
 * @param {string} code as esbuild writes it without white space
 */
export function withPlainBuiltins(code) {
  /** @type {string[]} */
  const objects = [];
  const rest = code.replace(IMPORT, (statement, ...match) => {
    const { all, space, names, from } = match.at(-1);
    if (!BUILTINS.has(from)) return statement;
    const get = `$b("${from}")`;
    for (const name of [all, space]) if (name) objects.push(`const ${name}=${get};`);
    if (names) objects.push(`const${names.replace(/ as /g, ':')}=${get};`);
    return ' '.repeat(statement.length);
  });
  return rest.replace('\n', `${objects.join('')}\n`);
}

/** @typedef {{ files: number, bytes: number, ms: number }} Built */

/** @param {string} root */
export function isStale(root) {
  return (
    !existsSync(join(root, 'dist', 'hms.mjs')) ||
    !isCurrent(join(root, 'dist', '.stamp'), stampOf(root, INPUTS))
  );
}

/**
 * @param {string} root the checkout
 * @param {{ clean?: boolean, quiet?: boolean }} [options] clean: leave nothing of earlier builds
 * @returns {Promise<Built>} throws esbuild's BuildFailure, with its messages already formatted
 */
export async function build(root, options = {}) {
  const started = Date.now();
  const stamp = stampOf(root, INPUTS);
  const { build: bundle } = await import('esbuild');
  /** @type {import('esbuild').BuildOptions} */
  const common = {
    absWorkingDir: root,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    outdir: 'dist',
    outExtension: { '.js': '.mjs' },
    write: false,
    logLevel: options.quiet ? 'silent' : 'warning',
  };
  const program = await bundle({
    ...common,
    entryPoints: { main: 'src/cli/main.ts' },
    splitting: true,
    chunkNames: '[name]-[hash]',
    metafile: true,
    sourcemap: 'linked',
    // Names stay, for stack traces; white space goes, for Node's parser.
    minifySyntax: true,
    minifyWhitespace: true,
    jsx: 'automatic',
    external: EXTERNAL,
    alias: {
      // Ink loads React's devtools only when DEV is "true"; here it never is.
      'react-devtools-core': join(BIN, 'no-devtools.mjs'),
      'string-width': join(BIN, 'lazy-width.mjs'),
    },
    plugins: [lazySegmenters],
    define: {
      'process.env.NODE_ENV': '"production"',
      'process.env.DEV': '"false"',
    },
    banner: {
      js: "const $b=globalThis.process.getBuiltinModule,require=$b('module').createRequire(import.meta.url);",
    },
  });
  const boot = await bundle({ ...common, entryPoints: { hms: 'bin/boot.mjs' }, bundle: false });

  const dist = join(root, 'dist');
  if (options.clean) rmSync(dist, { recursive: true, force: true });
  mkdirSync(dist, { recursive: true });
  // Chunks first and the starting points last, so that a program started meanwhile finds all it imports.
  const isStart = (/** @type {{ path: string }} */ output) => basename(output.path) === 'main.mjs';
  const made = program.outputFiles ?? [];
  const outputs = [...made.filter(o => !isStart(o)), ...made.filter(isStart), ...(boot.outputFiles ?? [])];
  for (const { path, contents } of outputs) {
    const plain = made.length > 0 && path.endsWith('.mjs') && basename(path) !== 'hms.mjs';
    put(path, plain ? Buffer.from(withPlainBuiltins(Buffer.from(contents).toString())) : contents);
  }
  for (const file of BESIDE.filter(file => existsSync(join(root, file)))) {
    copyFileSync(join(root, file), join(dist, basename(file)));
  }
  forget(
    dist,
    new Set([...outputs.map(output => basename(output.path)), ...BESIDE.map(file => basename(file))]),
  );
  keepStamp(join(dist, '.stamp'), stamp);
  return {
    files: Object.keys(program.metafile?.inputs ?? {}).filter(file => /^(src|panes)\//.test(file)).length,
    bytes: outputs.filter(o => o.path.endsWith('.mjs')).reduce((sum, o) => sum + o.contents.length, 0),
    ms: Date.now() - started,
  };
}

/** Writes at once and whole; a file that has these bytes already only gets a new date. @param {string} path @param {Uint8Array} bytes */
function put(path, bytes) {
  if (existsSync(path) && readFileSync(path).equals(bytes)) {
    const now = new Date();
    return utimesSync(path, now, now);
  }
  const fresh = join(dirname(path), `.${basename(path)}.${pid}`);
  writeFileSync(fresh, bytes);
  renameSync(fresh, path);
}

/** @param {string} dist @param {ReadonlySet<string>} current */
function forget(dist, current) {
  for (const name of readdirSync(dist)) {
    const path = join(dist, name);
    if (!current.has(name) && Date.now() - statSync(path).mtimeMs > WEEK)
      rmSync(path, { recursive: true, force: true });
  }
}

if (argv[1] && resolve(argv[1]) === fileURLToPath(import.meta.url)) {
  const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
  if (argv.includes('--if-stale') && !isStale(root)) exit(0);
  try {
    const { files, bytes, ms } = await build(root, { clean: argv.includes('--clean') });
    stdout.write(`build: dist from ${files} files, ${Math.round(bytes / 1000)} kB, in ${ms} ms\n`);
  } catch (error) {
    // esbuild has printed what is wrong and where.
    if (!(error instanceof Error && 'errors' in error)) throw error;
    stderr.write('build: failed\n');
    exit(1);
  }
}
