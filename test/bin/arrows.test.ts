import { describe, expect, test } from 'vitest';
import { importsOf, readSources, violations } from '../../bin/arrows.mjs';
import { ROOT } from '../support/program.ts';

/** What the check says about these files, as `file:line text`. */
function said(files: Record<string, string>): string[] {
  return violations(new Map(Object.entries(files))).map(v => `${v.file}:${v.line} ${v.text}`);
}

const EMPTY = 'export const x = 1;\n';

/** A file's text that imports from each of these. */
const imports = (...from: string[]): string => from.map(f => `import { x } from '${f}';\n`).join('');

describe('the arrows of the house', () => {
  test('hold in these sources', () => {
    const sources = readSources(ROOT);
    expect(sources.size).toBeGreaterThan(20);
    expect(violations(sources)).toEqual([]);
  });

  test('let a room import itself and what is below it', () => {
    const allowed = {
      'src/model/a.ts': EMPTY,
      'src/model/b.ts': imports('./a.ts', 'node:crypto'),
      'src/journal/j.ts': imports('../model/a.ts'),
      'src/gate/g.ts': `${imports('../journal/j.ts')}import type { y } from '../protocol/p.ts';\n`,
      'src/protocol/p.ts': imports('../model/a.ts'),
      'src/cells/keeper.ts': imports('../gate/g.ts', './cell.ts'),
      'src/cells/cell.ts': EMPTY,
      'src/engine/e.ts': imports('../cells/keeper.ts'),
      'src/console/c.tsx': imports('ink', '../tmux/t.ts'),
      'src/console/app.tsx': imports('../../panes/index.ts'),
      'src/tmux/t.ts': `spawn('tmux', []);\n`,
      'panes/index.ts': imports('./timeline.tsx'),
      'panes/timeline.tsx': imports('../src/console/c.tsx', '../src/model/a.ts'),
      'src/cli/main.ts': `${imports('../engine/e.ts')}await import('../console/c.tsx');\nimport pkg from '../../package.json' with { type: 'json' };\n`,
    };
    expect(said(allowed)).toEqual([]);
  });

  const CAPABILITIES =
    'tmux, screens, drivers, gate, healing, chaos, recording, fleet, worktrees, notify, functions, journal, model, protocol';
  const NO_DRAWING = 'what draws stays out of what works without a screen';

  test.each([
    ['src/model/a.ts', 'node:fs', 'the model is pure and imports node:fs'],
    ['src/model/a.ts', 'fs', 'the model is pure and imports fs'],
    ['src/gate/a.ts', '../engine/x.ts', 'gate imports engine; it may import journal, model, protocol'],
    ['src/gate/a.ts', 'ink', `gate imports ink: ${NO_DRAWING}`],
    ['src/cli/a.ts', 'react', `cli imports react: ${NO_DRAWING}`],
    ['src/console/a.ts', '../../panes/x.tsx', `console imports panes; it may import ${CAPABILITIES}`],
    ['panes/a.tsx', '../src/protocol/x.ts', 'panes imports protocol; it may import console, model'],
    ['src/cells/a.ts', './b.ts', 'the cell a imports the cell b: cells meet in the journal'],
    ['src/engine/a.ts', 'commander', 'engine imports commander: only the command line reads arguments'],
    ['src/engine/a.ts', '../../test/x.ts', 'imports test/x.ts, which is in no room'],
    [
      'src/gate/a.ts',
      '../tmux/x.ts',
      'the capability gate imports the capability tmux: wire them in a cell or in the engine',
    ],
  ])('%s that imports %s is named', (file, from, text) => {
    expect(said({ [file]: `// one\n${imports(from)}` })).toEqual([`${file}:2 ${text}`]);
  });

  test.each([
    [
      'src/model/a.ts',
      `import '../journal/x.ts';`,
      'model imports journal; it may import nothing but itself',
    ],
    [
      'src/journal/a.ts',
      `import type { X } from '../protocol/x.ts';`,
      'journal imports protocol; it may import model',
    ],
    [
      'src/console/a.ts',
      `export { x } from '../engine/x.ts';`,
      `console imports engine; it may import ${CAPABILITIES}`,
    ],
    [
      'src/engine/a.ts',
      `const x = await import('../cli/x.ts');`,
      `engine imports cli; it may import cells, ${CAPABILITIES.replace('protocol', 'processes, protocol')}`,
    ],
    ['src/gate/a.ts', `execFileSync('tmux', ['kill-server']);`, 'only src/tmux runs tmux'],
  ])('%s with %s is named', (file, line, text) => {
    expect(said({ [file]: `// one\n${line}\n` })).toEqual([`${file}:2 ${text}`]);
  });

  test('a file in no room is named', () => {
    expect(said({ 'src/helpers/a.ts': EMPTY })).toEqual([
      expect.stringMatching(/^src\/helpers\/a\.ts:1 stands in no room/),
    ]);
    expect(said({ 'src/a.ts': EMPTY })).toEqual([expect.stringMatching(/^src\/a\.ts:1 stands in no room/)]);
  });

  test('a circle of files is named once; types and what is loaded later close none', () => {
    const circle = {
      'src/gate/a.ts': `import { b } from './b.ts';\n`,
      'src/gate/b.ts': `\nimport { c } from './c.ts';\n`,
      'src/gate/c.ts': `import { a } from './a.ts';\n`,
    };
    expect(said(circle)).toEqual([
      'src/gate/c.ts:1 a circle: src/gate/a.ts → src/gate/b.ts → src/gate/c.ts → src/gate/a.ts',
    ]);
    expect(said({ ...circle, 'src/gate/c.ts': `import type { a } from './a.ts';\n` })).toEqual([]);
    expect(said({ ...circle, 'src/gate/c.ts': `await import('./a.ts');\n` })).toEqual([]);
    expect(said({ 'src/gate/a.ts': `import { a } from './a.ts';\n` })).toHaveLength(1);
  });
});

describe('imports are read from', () => {
  const names = (source: string): string[] => importsOf(source).map(i => `${i.line} ${i.specifier}`);

  test('statements over several lines', () => {
    expect(
      names(
        `import {\n  a,\n  type B,\n} from './x.ts';\nexport * from "./y.ts";\nexport type { C } from './z.ts';`,
      ),
    ).toEqual(['4 ./x.ts', '5 ./y.ts', '6 ./z.ts']);
  });

  test('not comments, and not what only looks like one', () => {
    expect(
      names(
        `// import './a.ts';\n/* import './b.ts';\n*/\nconst u = 'http://x'; import('./c.ts');\nimport './d.ts';`,
      ).sort(),
    ).toEqual(['4 ./c.ts', '5 ./d.ts']);
  });

  test('not text that holds the word', () => {
    expect(names("const help = `\\nimport './a.ts'`;\nconst s = \"from './b.ts'\";")).toEqual([]);
  });
});
