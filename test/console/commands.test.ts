import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { COMMANDS } from '../../src/console/commands/index.ts';
import { contexts, offered } from '../../src/console/contexts.ts';
import { readKey } from '../../src/console/key-names.ts';
import { keysPage } from '../../src/console/keys-page.ts';
import { choices } from '../../src/console/palette.ts';
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
      for (const key of c.keys) expect(readKey(key), c.id).toEqual({ key });
    }
  });

  test('no key means two things anywhere, but for what lies over something on purpose', () => {
    const twice = offered(COMMANDS).flatMap(list => {
      const bound = list.flatMap(c => c.keys.map(key => ({ id: c.id, key })));
      return bound.flatMap((b, i) => {
        const first = bound.findIndex(other => other.key === b.key);
        return first === i ? [] : [`${bound[first]?.id} over ${b.id}`];
      });
    });
    // On the stage its own keys come first; in grid and lanes the keys of lists go to what is beside.
    const meant = /^(agent\.back over|grid\.[\w-]+ over move\.|look\.lane-\w+ over move\.)/;
    expect(twice.filter(t => !meant.test(t))).toEqual([]);
  });

  test('every command is offered somewhere, and can be run by name from the palette there', () => {
    const unreachable = COMMANDS.filter(
      c => !contexts().some(s => c.when.holds(s) && choices(s, COMMANDS, c.id).some(p => p.id === c.id)),
    );
    // The numbered ones are the agents the palette lists, and it does not list itself.
    expect(unreachable.map(c => c.id).filter(id => !/^agent\.\d$|^look\.palette$/.test(id))).toEqual([]);
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
    // What one has read is one's own, and looking is everybody's.
    expect(d.sends.filter(s => !['message.read', 'breaker.list'].includes(s.request))).toEqual([]);
  });
});

test('docs/reference/keys.md is what the table says', async () => {
  const page = join(import.meta.dirname, '..', '..', 'docs', 'reference', 'keys.md');
  await expect(keysPage(COMMANDS)).toMatchFileSnapshot(page);
});
