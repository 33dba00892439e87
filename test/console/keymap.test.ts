/** A person's keys: what may be written, what clashes, and that nothing is lost by a slip. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { COMMANDS } from '../../src/console/commands/index.ts';
import { offered } from '../../src/console/contexts.ts';
import { keyWords, readKey } from '../../src/console/key-names.ts';
import { clashes, effective, keyFor, readKeymap, reservedOf } from '../../src/console/keymap.ts';
import { readKeymapFile } from '../../src/console/keymap-file.ts';
import { decode, flush, NEW_DECODER } from '../../src/console/keys.ts';
import { issueText } from '../../src/fleet/issue.ts';
import { withFolder } from '../support/scratch.ts';
import { Desk, type DeskOptions } from './desk.ts';
import { asks, fleet, started } from './events.ts';

const DRAFTS = [
  ...fleet({ builder: 'claude' }),
  started('builder', 1),
  asks({ id: 'r-aaaa', agent: 'builder', risk: 70 }),
];

function desk(written: Record<string, unknown>, options: DeskOptions = {}): Desk {
  const d = new Desk(DRAFTS, options);
  d.state = { ...d.state, keymap: readKeymap(written).keymap };
  return d;
}

describe('keys as people write them', () => {
  test.each([
    ['G', 'G'],
    ['Enter', 'enter'],
    ['Ctrl-X', 'ctrl-x'],
    ['ctrl-\\', 'ctrl-\\'],
    ['F5', 'f5'],
    ['shift-tab', 'shift-tab'],
    ['shift-ctrl-left', 'ctrl-shift-left'],
    ['alt-B', 'alt-B'],
    ['alt-enter', 'alt-enter'],
    ['ctrl-space', 'ctrl-space'],
    ['  m   w ', 'm w'],
    ['ctrl-x ctrl-s', 'ctrl-x ctrl-s'],
    ['é', 'é'],
    ['?', '?'],
  ])('%j is %s', (text, key) => expect(readKey(text)).toEqual({ key }));

  test.each([
    ['', 'it is empty'],
    [' ', 'a space has a name'],
    ['entre', 'there is no key "entre" (did you mean enter?)'],
    ['ctrl-i', 'terminals send ctrl-i as tab (write tab)'],
    ['ctrl-1', 'terminals have no ctrl-1'],
    ['shift-a', 'there is no key "shift-a" (write the character Shift makes: A)'],
    ['shift-enter', 'terminals do not tell shift-enter from enter'],
    ['alt-[', 'terminals begin other keys with alt-['],
    ['a b c d', '4 keys in a row are too many (3 are the most)'],
    ['\u0301', 'this character is no key'],
  ])('%j: %s', (text, words) => {
    const read = readKey(text);
    expect('reason' in read && `${read.reason} (${read.hint})`).toContain(words);
  });

  test('every built-in key is written as it is known, and read back from how it is shown', () => {
    for (const key of COMMANDS.flatMap(c => c.keys)) {
      expect(readKey(key)).toEqual({ key });
      expect(
        readKey(
          keyWords(key).replace(/[↑↓←→]/g, c => ({ '↑': 'up', '↓': 'down', '←': 'left' })[c] ?? 'right'),
        ),
      ).toEqual({ key });
    }
  });

  test('what the terminal sends for a key of one character is what a keymap may name', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }), char => {
        const decoded = decode(NEW_DECODER, char);
        for (const input of [...decoded.inputs, ...flush(decoded.decoder).inputs]) {
          if (input.type !== 'key' || /[\p{C}\p{Z}\p{M}]/u.test(input.key)) continue;
          expect(readKey(input.key)).toEqual({ key: input.key });
        }
      }),
    );
  });
});

describe('the situations', () => {
  test('every command is offered in at least one, or it could never clash', () => {
    const found = new Set(offered(COMMANDS).flatMap(list => list.map(c => c.id)));
    expect(COMMANDS.map(c => c.id).filter(id => !found.has(id))).toEqual([]);
  });

  test('the built-in keys do not clash', () => expect(clashes({})).toEqual([]));
});

const problems = (written: Record<string, unknown>): readonly string[] =>
  readKeymap(written).findings.map(f => `${f.path.join('.')}: ${f.reason}`);

describe('a keymap', () => {
  test('gives keys, several keys, and none', () => {
    const { keymap, findings } = readKeymap({
      'look.why': 'f5',
      'approval.approve': ['A', 'ctrl-x a'],
      'agent.restart': [],
      'agent.stop-start': null,
      'agent.1': 8,
      'agent.8': [],
    });
    expect(findings).toEqual([]);
    const of = (id: string) => effective({ keymap }).find(c => c.id === id)?.keys;
    expect(of('look.why')).toEqual(['f5']);
    expect(of('approval.approve')).toEqual(['A', 'ctrl-x a']);
    expect(of('agent.restart')).toEqual([]);
    expect(of('agent.stop-start')).toEqual([]);
    expect(of('agent.1')).toEqual(['8']);
    expect(of('approval.deny')).toEqual(['d']);
    expect(keyFor({ keymap }, 'agent.restart')).toBe(':agent.restart');
  });

  test('two commands that can be meant at once clash; those that never meet do not', () => {
    expect(problems({ 'look.why': 'd' })).toEqual([
      'look.why: d is approval.deny’s (in the panes), and both can be meant at the same time',
    ]);
    // `x` drops from the tray, which never has the focus together with the timeline.
    expect(problems({ 'look.event': 'x' })).toEqual([]);
    expect(problems({ 'approval.approve': 'd', 'approval.deny': 'a' })).toEqual([]);
  });

  test('the beginning of a sequence is taken, in either direction', () => {
    expect(problems({ 'look.why': 'm' })).toEqual([expect.stringContaining('m begins a sequence of keys')]);
    expect(problems({ 'look.why': 'd w' })).toEqual([expect.stringContaining('its sequence begins with d')]);
    expect(problems({ 'look.why': ['f8', 'f8 f8'] })).toEqual([expect.stringContaining('its own')]);
  });

  test('of two of its own that clash the later one goes, and nothing that followed from it stays', () => {
    const { keymap } = readKeymap({ 'look.why': 'f5', 'look.audit': 'f5' });
    expect(keymap).toEqual({ 'look.why': ['f5'] });
    // Taking `a` back for approve leaves no `a` for why.
    expect(readKeymap({ 'look.why': 'a', 'approval.approve': 'd' }).keymap).toEqual({});
  });

  test('the way out and the freeze cannot be taken, in a sequence either, and quit keeps Ctrl-C', () => {
    expect(problems({ 'look.why': 'ctrl-c', 'look.audit': 'f12', 'look.filter': 'f12 x' })).toHaveLength(3);
    expect(
      effective({ keymap: readKeymap({ 'console.quit': 'Q' }).keymap }).find(c => c.id === 'console.quit')
        ?.keys,
    ).toEqual(['Q', 'ctrl-c']);
  });

  test('the key back from an agent may be another Ctrl key, but never none', () => {
    for (const none of [[], null, 'b', ['esc', 'q'], 'ctrl-c'])
      expect(problems({ 'agent.back': none }), JSON.stringify(none)).toHaveLength(1);
    const { keymap } = readKeymap({ 'agent.back': ['esc', 'ctrl-g'] });
    expect(reservedOf({ keymap })).toBe('ctrl-g');
    expect(reservedOf({ keymap: {} })).toBe('ctrl-\\');
  });

  test('whatever is written, what can be used of it does not clash, and every command keeps a meaning', () => {
    const id = fc.constantFrom(...COMMANDS.map(c => c.id), 'no.such', '__proto__', 'constructor');
    const key = fc.constantFrom(
      'a',
      'd',
      'm',
      'm w',
      'z',
      'f8 f8',
      'esc',
      'q',
      'ctrl-c',
      'f12',
      'ctrl-g',
      'x',
      '',
      'nope',
      7,
    );
    const value = fc.oneof(key, fc.array(key, { maxLength: 3 }), fc.constant(null), fc.constant({ a: 1 }));
    fc.assert(
      fc.property(fc.dictionary(id, value, { maxKeys: 12 }), written => {
        const { keymap } = readKeymap(written);
        expect(clashes(keymap)).toEqual([]);
        const keys = effective({ keymap });
        expect(keys.find(c => c.id === 'console.quit')?.keys).toContain('ctrl-c');
        expect(keys.filter(c => c.id !== 'console.quit').flatMap(c => c.keys)).not.toContain('ctrl-c');
      }),
      { numRuns: 60 },
    );
  });
});

describe('its file', () => {
  test('every problem has its place, and the rest of it counts', async () => {
    await withFolder(async dir => {
      const file = join(dir, 'keys.yaml');
      await writeFile(
        file,
        'look.why: f5\napproval.aprove: A\nlook.audit: [entre]\nlook.filter:\n  - "/"\n  - d\n',
      );
      const { keymap, issues } = await readKeymapFile(file);
      expect(issues.map(i => issueText('keys.yaml', i))).toEqual([
        'keys.yaml:2:1 approval.aprove: there is no such command (did you mean "approval.approve"?)',
        'keys.yaml:3:14 look.audit[0]: there is no key "entre" (did you mean enter?)',
        expect.stringContaining('keys.yaml:5:3 look.filter: d is approval.deny’s'),
      ]);
      expect(keymap).toEqual({ 'look.why': ['f5'] });
    });
  });

  test.each([
    ['', 0],
    ['# nothing yet\n', 0],
    ['- a\n', 1],
    ['look.why: [', 1],
    ['look.why: f5\nlook.why: f6\n', 1],
  ])('%j has %i problems and never throws', async (text, count) => {
    await withFolder(async dir => {
      const file = join(dir, 'keys.yaml');
      await writeFile(file, text);
      expect((await readKeymapFile(file)).issues).toHaveLength(count);
    });
  });
});

describe('decisions under other keys', () => {
  test('the second key of HIGH is never the first, whatever that is', () => {
    const d = desk({ 'approval.approve': 'y', 'back.copy': [] });
    d.press('y', 'y', 'y');
    expect(d.sends).toEqual([]);
    d.press('a');
    expect(d.sends).toMatchObject([{ request: 'approval.decide', with: { evidence: { keys: ['y', 'a'] } } }]);
  });

  test('nor the last of a sequence', () => {
    const d = desk({ 'approval.approve': 'f8 y' });
    d.press('f8', 'y', 'y');
    expect(d.sends).toEqual([]);
    d.press('a');
    expect(d.sends).toHaveLength(1);
  });

  test('they still need the focus, 400 ms and fingers', () => {
    const d = desk({ 'approval.deny': 'f5' });
    d.paint().key('f5', true);
    expect(d.said).toContain('look like a paste');
    d.emit(asks({ id: 'r-bbbb', agent: 'builder', risk: 95 }))
      .press('k')
      .paint()
      .key('f5');
    expect(d.said).toContain('it has just appeared');
    d.press('tab', 'f5');
    expect(d.said).toContain('approvals pane has the focus');
    expect(d.state.ui.overlay).toBeNull();
  });

  test('they work on the whole action too, and the old key does not', () => {
    const d = desk({ 'approval.deny': 'f8 f8' });
    d.press('enter', 'd');
    expect(d.state.ui.overlay?.kind).toBe('action');
    d.press('f8', 'f8');
    expect(d.state.ui.overlay?.kind).toBe('note');
  });

  test('a key that asks whether to restart does not say yes to it', () => {
    const d = desk({ 'agent.restart': 'y', 'back.copy': [] }, { mode: 'watch' });
    d.press('y', 'y');
    expect(d.sends).toEqual([]);
    d.press('a');
    expect(d.sends).toMatchObject([{ request: 'agent.restart' }]);
  });
});
