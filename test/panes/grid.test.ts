import { expect, test } from 'vitest';
import { Desk } from '../console/desk.ts';
import { fleet, started, status } from '../console/events.ts';
import { rowsOf } from './look.tsx';

const d = new Desk(
  [
    ...fleet({ builder: 'command', deployer: 'command', docs: 'command' }),
    started('builder', 1),
    started('deployer', 2),
    started('docs', 3),
    status('builder', 'working', 'tests'),
    status('deployer', 'waiting', 'Continue? [y/N]'),
  ],
  { cols: 120, rows: 30 },
);

test('tiles show screens; who needs somebody has another frame, a glyph and words', () => {
  const rows = rowsOf(d.press('1', 'g').state, (pane, surface, { x, y }) => {
    for (const [i, char] of [...`screen of ${pane}`].entries())
      surface.put(surface.at(x + i, y), surface.glyphs.of(char, 1), 1);
  });
  const text = rows.join('\n');
  expect(text).toContain('screen of %1');
  expect(text).toContain('screen of %3');
  expect(text).toMatch(/▸1 builder ● working/);
  expect(text).toMatch(/╔═ 2 deployer △ waiting/);
  expect(text).toContain('needs you: Continue? [y/N]');
  expect(rows.every(row => row.length === 120)).toBe(true);
});

test('every page says which it is', () => {
  const many = new Desk(
    Array.from({ length: 30 }, (_, i) => `a${i}`).flatMap((name, i) =>
      i === 0
        ? [...fleet(Object.fromEntries(Array.from({ length: 30 }, (_, n) => [`a${n}`, 'command'])))]
        : [started(name, i)],
    ),
    { cols: 80, rows: 24 },
  );
  const rows = rowsOf(many.press('1', 'g').state);
  expect(rows.join('\n')).toMatch(/page 1 of \d+ PageUp PageDown/);
  // The page does not stand over who needs somebody.
  many.emit(status('a5', 'waiting', 'May I delete everything in this folder?'));
  expect(rowsOf(many.state).join('\n')).toMatch(/needs you: May I d.*… · page 1\/\d+ ═╝/);
});

test('a name that is too long gives way to what its agent does', () => {
  const long = 'a-very-long-agent-name-of-32-chr';
  const desk = new Desk(
    [
      ...fleet({ a: 'command', b: 'command', c: 'command', d: 'command', e: 'command', [long]: 'command' }),
      started(long, 1),
    ],
    {
      cols: 80,
      rows: 24,
    },
  );
  expect(rowsOf(desk.press('1', 'g').state).join('\n')).toMatch(/6 a-ver\S*…\S*-chr ◌ starting 0:\d\d/);
});
