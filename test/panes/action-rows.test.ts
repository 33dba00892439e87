import fc from 'fast-check';
import stringWidth from 'string-width';
import { describe, expect, test } from 'vitest';
import { actionRows } from '../../panes/action-rows.ts';
import type { JsonObject } from '../../src/model/json.ts';
import { asks } from '../console/events.ts';
import { desk, HIGH } from './desk.ts';
import { textOf } from './look.tsx';

describe('an action is shown whole', () => {
  const shown = (tool: string, input: JsonObject, width = 60): string =>
    actionRows({ tool, input, cwd: '/work' }, width)
      .map(row => row.map(span => (typeof span === 'string' ? span : span[0])).join(''))
      .join('\n');

  test('a command with every line of it and every other field', () => {
    expect(shown('Bash', { command: 'cd a\nrm -rf b', description: 'clean up', timeout: 5 })).toBe(
      '$ cd a\n  rm -rf b\ndescription: clean up\ntimeout: 5\nin /work',
    );
  });

  test('a row that is full goes on in the next, marked, and no character is lost', () => {
    const command = `echo ${'0123456789'.repeat(20)}`;
    const text = shown('Bash', { command }, 40);
    expect(text.split('\n')[1]).toMatch(/^↪ \d/);
    expect(text.replace(/\n↪ /g, '')).toContain(command);
  });

  test('an edit as a diff with all lines, a new file as all added', () => {
    expect(
      shown('Edit', { file_path: '/work/a', old_string: 'x\ny', new_string: 'x\nz', replace_all: true }),
    ).toBe('/work/a\n  x\n- y\n+ z\nreplace_all: true\nin /work');
    expect(shown('Write', { file_path: '/work/a', content: 'one\ntwo' })).toBe(
      '/work/a\n+ one\n+ two\nin /work',
    );
  });

  test('words of a command as they would have to be quoted', () => {
    expect(shown('exec', { argv: ['sh', '-c', 'echo "a b"'] })).toBe('$ sh -c \'echo "a b"\'\nin /work');
  });

  test('a tool nobody knows, with its whole input', () => {
    expect(shown('mcp__x', { a: { b: [1, 2] } })).toContain('"b": [');
  });

  test('hidden and turning characters are made visible', () => {
    const text = shown('Bash', { command: 'ls \x1b[2K\u202e#' });
    expect(text).toContain('␛[2K');
    expect(text).toContain('⟨U+202E⟩');
    expect(text).not.toMatch(/[\x1b\u202e]/);
  });

  test('whatever the input is, all of its printable text can be read', () => {
    const input = fc.record({
      command: fc.string({ unit: fc.constantFrom('a', ' ', '\n', '漢', "'", '$'), maxLength: 80 }),
    });
    fc.assert(
      fc.property(input, fc.integer({ min: 20, max: 50 }), (given, width) => {
        const rows = shown('Bash', given, width).split('\n');
        for (const row of rows) expect(stringWidth(row)).toBeLessThanOrEqual(width);
        const joined = rows
          .slice(0, -1)
          .reduce(
            (text, row) => (row.startsWith('↪ ') ? text + row.slice(2) : `${text}\n${row.slice(2)}`),
            '',
          );
        expect(joined.slice(1)).toBe(given.command);
      }),
    );
  });

  test('what does not fit is said, and can be scrolled to', () => {
    const long = asks({
      id: 'r-long',
      agent: 'builder',
      input: { command: Array.from({ length: 80 }, (_, i) => `step ${i}`).join('\n') },
    });
    const d = desk([long]);
    expect(textOf(d.state)).toMatch(/▼ \d+ more/);
    expect(textOf(d.state)).not.toContain('step 79');
    for (let i = 0; i < 10; i++) d.press('J');
    expect(textOf(d.state)).toContain('step 79');
    expect(textOf(d.state)).toMatch(/▲ \d+ .*▼ end/);
    d.press('enter');
    expect(textOf(d.state)).toContain('step 0');
  });

  test('at 40x12 the action itself comes first', () => {
    expect(textOf(desk([HIGH], { cols: 40, rows: 12 }).state)).toContain('$ kubectl delete ns staging');
  });
});
