import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { COMMANDS } from '../../src/console/commands/index.ts';
import { keysPage } from '../../src/console/keys-page.ts';
import { FOCUSABLE, withUi } from '../../src/console/state.ts';
import { Desk } from './desk.ts';
import { asks, fleet, started } from './events.ts';

const DRAFTS = [
  ...fleet({ builder: 'claude' }),
  started('builder', 1),
  asks({ id: 'r-aaaa', agent: 'builder' }),
];

describe('the one table', () => {
  test('has unique ids, and says what each command is', () => {
    expect(new Set(COMMANDS.map(c => c.id)).size).toBe(COMMANDS.length);
    for (const c of COMMANDS) {
      expect(c.title, c.id).not.toBe('');
      expect(c.help, c.id).toMatch(/\.$/);
      expect(c.keys.length, c.id).toBeGreaterThan(0);
    }
  });

  test.each(FOCUSABLE)('no key means two things while %s has the focus', focus => {
    for (const stage of ['', 'builder']) {
      const state = withUi(new Desk(DRAFTS).state, { focus, stage });
      const keys = COMMANDS.filter(c => c.when.holds(state)).flatMap(c => c.keys);
      // On the stage, Escape and q leave the agent's screen before they mean anything else.
      const twice = keys.filter((k, i) => keys.indexOf(k) !== i && !(stage && k === 'q'));
      expect(twice).toEqual([]);
    }
  });

  test('no key starts a sequence and is a command itself', () => {
    const first = new Set(
      COMMANDS.flatMap(c => c.keys.filter(k => k.includes(' ')).map(k => k.split(' ')[0])),
    );
    expect(COMMANDS.flatMap(c => c.keys).filter(k => first.has(k))).toEqual([]);
  });

  test('a command that cannot run says why, and runs nothing', () => {
    for (const role of ['viewer', 'lead'] as const) {
      for (const command of COMMANDS) {
        const d = new Desk(DRAFTS, { role, mode: 'observe' });
        const refused = command.disabledReason(d.state);
        if (refused === undefined) continue;
        d.act({ type: 'run', command: command.id, at: d.at });
        expect(d.said).toBe(`${command.title}: ${refused}`);
        expect(d.effects).toEqual([]);
      }
    }
  });

  test('everything that reaches the engine needs a right the mode and role give', () => {
    const d = new Desk(DRAFTS, { role: 'viewer', mode: 'observe' });
    for (const command of COMMANDS) d.act({ type: 'run', command: command.id, at: d.at });
    expect(d.sends).toEqual([]);
  });
});

test('docs/reference/keys.md is what the table says', async () => {
  const page = join(import.meta.dirname, '..', '..', 'docs', 'reference', 'keys.md');
  await expect(keysPage(COMMANDS)).toMatchFileSnapshot(page);
});
