import { describe, expect, test } from 'vitest';
import { checkExperiment } from '../../src/cli/chaos-file.ts';

const GOOD = `title: a killed agent comes back
steady-state-hypothesis:
  title: all is well
  probes:
    - { name: agents, provider: { type: agent-state }, tolerance: 100 }
method:
  - { type: action, fault: kill, target: builder, for: 5s }
`;

const problems = (text: string): string[] =>
  checkExperiment(text).issues.map(
    ({ line, col, path, reason, hint }) => `${line}:${col} ${path}: ${reason} (${hint})`,
  );

describe('an experiment file', () => {
  test('is read with what it leaves out filled in', () => {
    const { value, issues } = checkExperiment(GOOD);
    expect(issues).toEqual([]);
    expect(value?.blast).toMatchObject({ percent: 34, longest: 30_000, 'cores-left': 1 });
    expect(value?.method[0]).toMatchObject({ fault: 'kill', signal: 'KILL', for: 5000, target: 'builder' });
  });

  test('may be JSON', () => {
    const json = JSON.stringify({ title: 'x', method: [{ type: 'action', fault: 'cpu' }] });
    expect(checkExperiment(json).issues).toEqual([]);
  });

  test('has every slip told at once, with its place and what was meant', () => {
    const text = GOOD.replace('agent-state', 'agent-stat')
      .replace('fault: kill', 'fault: kil')
      .concat('blst: {}\n');
    expect(problems(text)).toEqual([
      '5:41 steady-state-hypothesis.probes[0].provider.type: "agent-stat" is not possible here (did you mean "agent-state"?)',
      '7:28 method[0].fault: "kil" is not possible here (did you mean "kill"?)',
      '8:1 blst: there is no such key (did you mean "blast"?)',
    ]);
  });

  test('may not bring rollbacks of its own', () => {
    expect(problems(`${GOOD}rollbacks: [{ type: action }]\n`)).toEqual([
      expect.stringMatching(/^8:1 rollbacks: rollbacks are made by hms-tui/),
    ]);
  });

  test.each([
    ['a target that names nothing', ['target: builder', 'target: "B uilder"'], 'names no agent'],
    [
      'a proxy that is not there',
      ['fault: kill, target: builder', 'fault: net_drop, proxy: api'],
      'no proxy api',
    ],
    ['a fault longer than the longest', ['for: 5s', 'for: 45s'], 'longer than blast.longest, 30 s'],
    ['a fault of no length', ['for: 5s', 'for: 0s'], 'it has to last'],
    ['a kill of a cell', ['target: builder', 'target: "cell:status"'], 'is not done to a cell'],
    ['a hang of an agent', ['fault: kill', 'fault: cell_hang'], 'only a cell of the engine'],
    [
      'a hang of a cell that hears nothing',
      ['fault: kill, target: builder', 'fault: cell_hang, target: "cell:operators"'],
      'lives by what it is asked',
    ],
    ['a cell nobody has', ['target: builder', 'target: "cell:nope"'], 'there is no cell nope'],
  ])('refuses %s', (_what, [from = '', to = ''], reason) => {
    expect(problems(GOOD.replace(from, to)).join('\n')).toContain(reason);
  });

  test('refuses to abort by a probe that is not there, and two probes of one name', () => {
    expect(problems(`${GOOD}abort-if: [{ probe: engine }]\n`)).toEqual([
      expect.stringContaining('abort-if[0].probe: there is no probe engine (the probes are agents)'),
    ]);
    const twice = GOOD.replace('method:', '    - { name: agents, provider: { type: engine } }\nmethod:');
    expect(problems(twice)).toEqual([expect.stringContaining('two probes are called agents')]);
  });

  test('refuses a pattern that is none, wherever one may stand', () => {
    const pattern = '{ type: regex, pattern: "(" }';
    const none = expect.stringContaining('this is not a regular expression');
    expect(problems(GOOD.replace('tolerance: 100', `tolerance: ${pattern}`))).toEqual([none]);
    expect(problems(`${GOOD}abort-if: [{ probe: agents, unless: ${pattern} }]\n`)).toEqual([none]);
  });

  test('must break something', () => {
    const looks = GOOD.replace(
      / {2}- \{ type: action.*/,
      '  - { type: probe, name: x, provider: { type: engine } }',
    );
    expect(problems(looks)).toEqual([expect.stringContaining('nothing is broken in it')]);
  });

  test('has its proxies on this machine alone', () => {
    const open = `${GOOD}proxies: { api: { listen: "0.0.0.0:80", upstream: "127.0.0.1:81" } }\n`;
    expect(problems(open)).toEqual([expect.stringContaining('a proxy listens on this machine alone')]);
  });
});
