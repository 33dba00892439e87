import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { drivers } from '../../src/drivers/index.ts';
import { AgentConfig } from '../../src/model/fleet.ts';
import { quoteWord } from '../../src/model/shell-words.ts';

const context = (config: object) => ({
  agent: 'builder',
  config: AgentConfig.parse(config),
  cwd: '/work',
  dir: '/state/agents/builder',
  hms: '/opt/hms',
  native: '',
  conversation: '',
});

describe('the command driver', () => {
  test('runs a list as it is and a string by a shell', () => {
    const list = drivers.command.plan(context({ command: ['make', '-j', '$HOME'] }));
    expect(list.argv).toEqual(['make', '-j', '$HOME']);
    const text = drivers.command.plan(context({ command: 'make && echo "$HOME"' }));
    expect(text.argv).toEqual(['/bin/sh', '-c', 'make && echo "$HOME"']);
  });

  test('says what is missing', () => {
    expect(() => drivers.command.plan(context({}))).toThrow(/builder has no command/);
  });

  test.each([
    ['ask', 'unproven'],
    ['observe', 'observed'],
    ['off', 'ungated'],
  ])('with gate %s it starts %s', (gate, gating) => {
    expect(drivers.command.gatingAtStart(AgentConfig.parse({ gate })).gating).toBe(gating);
  });

  test("takes nothing from another tool's hook", () => {
    expect(drivers.command.readHook({ hook_event_name: 'PreToolUse' }, '/')).toEqual({});
    expect(drivers.command.answerHook({}, undefined)).toEqual({ stdout: '', exit: 0 });
  });
});

test('a quoted word reaches a program as it is', () => {
  const word = fc
    .string({ unit: 'binary', maxLength: 20 })
    .filter(s => !s.includes('\0') && s.isWellFormed());
  fc.assert(
    fc.property(fc.array(word, { minLength: 1, maxLength: 4 }), words => {
      const script = `printf '%s\\0' ${words.map(quoteWord).join(' ')}`;
      const printed = execFileSync('/bin/sh', ['-c', script]).toString();
      expect(printed.split('\0').slice(0, -1)).toEqual(words);
    }),
    { numRuns: 40, examples: [[["it's", '$(id)', '`id`', 'a b', '', '-n', '\n']]] },
  );
});
