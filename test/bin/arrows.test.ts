import { describe, expect, test } from 'vitest';
import { importsOf, readSources, violations } from '../../bin/arrows.mjs';
import { ROOT } from '../support/program.ts';

/** What the check says about these files, as `file:line text`. */
function said(files: Record<string, string>): string[] {
  return violations(new Map(Object.entries(files))).map(v => `${v.file}:${v.line} ${v.text}`);
}

const EMPTY = 'export const x = 1;\n';

describe('the arrows of the house', () => {
  test('hold in these sources', () => {
    const sources = readSources(ROOT);
    expect(sources.size).toBeGreaterThan(20);
    expect(violations(sources)).toEqual([]);
  });

  test('let a room import itself and what is below it', () => {
    const allowed = {
      'src/model/a.ts': EMPTY,
      'src/model/b.ts': `import { x } from './a.ts';\nimport { createHash } from 'node:crypto';\n`,
      'src/journal/j.ts': `import { x } from '../model/a.ts';\n`,
      'src/gate/g.ts': `import { x } from '../journal/j.ts';\nimport type { y } from '../protocol/p.ts';\n`,
      'src/protocol/p.ts': `import { x } from '../model/a.ts';\n`,
      'src/cells/keeper.ts': `import { x } from '../gate/g.ts';\nimport { y } from './cell.ts';\n`,
      'src/cells/cell.ts': EMPTY,
      'src/engine/e.ts': `import { x } from '../cells/keeper.ts';\n`,
      'src/console/c.tsx': `import { render } from 'ink';\nimport { x } from '../tmux/t.ts';\n`,
      'src/console/app.tsx': `import { PANES } from '../../panes/index.ts';\n`,
      'src/tmux/t.ts': `spawn('tmux', []);\n`,
      'panes/index.ts': `import { x } from './timeline.tsx';\n`,
      'panes/timeline.tsx': `import { x } from '../src/console/c.tsx';\nimport { y } from '../src/model/a.ts';\n`,
      'src/cli/main.ts': `import { x } from '../engine/e.ts';\nawait import('../console/c.tsx');\nimport pkg from '../../package.json' with { type: 'json' };\n`,
    };
    expect(said(allowed)).toEqual([]);
  });

  test.each([
    [
      'src/model/a.ts',
      `import '../journal/x.ts';`,
      'model imports journal; it may import nothing but itself',
    ],
    ['src/model/a.ts', `import { readFileSync } from 'node:fs';`, 'the model is pure and imports node:fs'],
    ['src/model/a.ts', `import { readFileSync } from 'fs';`, 'the model is pure and imports fs'],
    [
      'src/journal/a.ts',
      `import type { X } from '../protocol/x.ts';`,
      'journal imports protocol; it may import model',
    ],
    [
      'src/gate/a.ts',
      `import { x } from '../tmux/x.ts';`,
      'the capability gate imports the capability tmux: wire them in a cell or in the engine',
    ],
    [
      'src/gate/a.ts',
      `import { x } from '../engine/x.ts';`,
      'gate imports engine; it may import journal, model, protocol',
    ],
    [
      'src/gate/a.ts',
      `import { Text } from 'ink';`,
      'gate imports ink: what draws stays out of what works without a screen',
    ],
    [
      'src/cli/a.ts',
      `import React from 'react';`,
      'cli imports react: what draws stays out of what works without a screen',
    ],
    [
      'src/console/a.ts',
      `export { x } from '../engine/x.ts';`,
      'console imports engine; it may import tmux, screens, drivers, gate, healing, chaos, recording, fleet, journal, model, protocol',
    ],
    [
      'src/console/a.ts',
      `import { x } from '../../panes/timeline.tsx';`,
      'console imports panes; it may import tmux, screens, drivers, gate, healing, chaos, recording, fleet, journal, model, protocol',
    ],
    [
      'panes/a.tsx',
      `import { x } from '../src/protocol/x.ts';`,
      'panes imports protocol; it may import console, model',
    ],
    [
      'src/cells/a.ts',
      `import { x } from './b.ts';`,
      'the cell a imports the cell b: cells meet in the journal',
    ],
    [
      'src/engine/a.ts',
      `import { Command } from 'commander';`,
      'engine imports commander: only the command line reads arguments',
    ],
    [
      'src/engine/a.ts',
      `import { x } from '../../test/support/x.ts';`,
      'imports test/support/x.ts, which is in no room',
    ],
    [
      'src/engine/a.ts',
      `const x = await import('../cli/x.ts');`,
      'engine imports cli; it may import cells, tmux, screens, drivers, gate, healing, chaos, recording, fleet, journal, model, protocol',
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
