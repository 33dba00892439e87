/** Circles: found in what would be one to a person who looks on, and in nothing that merely looks like one. */
import { describe, expect, it } from 'vitest';
import { repeats } from '../../../src/healing/adapt/repeats.ts';
import { Picture } from '../../../src/healing/picture.ts';
import type { Anomaly, Signal } from '../../../src/healing/types.ts';
import { HealingConfig } from '../../../src/model/healing.ts';
import { doing, started } from '../support/fleet.ts';

const config = HealingConfig.parse({ level: 'hybrid' });

function watched() {
  const [picture, detector] = [new Picture(), repeats()];
  let now = 0;
  const see = (signal: Signal): Anomaly | undefined => {
    now += 5000;
    picture.see(signal, now);
    return detector.see(signal, { picture, config, now, lag: 1, troubled: false });
  };
  see(started(1));
  see(doing('working'));
  return {
    see,
    screens: (...digests: readonly string[]) =>
      digests.map(digest => see({ signal: 'screen', digest })).find(one => one !== undefined),
    commands: (...words: readonly string[]) =>
      words.map(one => see({ signal: 'command', digest: one, words: one })).at(-1),
  };
}

const times = <T>(count: number, ...what: readonly T[]): T[] =>
  Array.from({ length: count }, () => what).flat();
const varied = Array.from({ length: 8 }, (_, n) => `work ${n}`);

describe('screens', () => {
  it('are a circle when they come again for a minute, and none as soon as another comes', () => {
    const agent = watched();
    expect(agent.screens(...varied)).toBeUndefined();
    expect(agent.screens(...times(5, 'x', 'y'))).toBeUndefined();
    expect(agent.screens('x', 'y')).toMatchObject({
      fault: 'repeat',
      since: 55_000,
      findings: [{ detector: 'repeat', words: 'the same 2 screens in the same order 6 times' }],
    });
    expect(agent.screens('z')).toBeUndefined();
  });

  it('are no circle of a program that has never shown anything else', () => {
    expect(watched().screens(...times(5000, 'ok'))).toBeUndefined();
    expect(watched().screens('up', ...times(5000, 'tick', 'tock'))).toBeUndefined();
  });

  it('are no circle across a wait for a person', () => {
    const agent = watched();
    agent.screens(...varied, ...times(11, 'x'));
    agent.see(doing('waiting'));
    agent.see(doing('working'));
    expect(agent.screens(...times(11, 'x'))).toBeUndefined();
    expect(agent.screens('x')).toBeDefined();
    expect(agent.see(doing('waiting'))).toBeUndefined();
  });
});

describe('commands', () => {
  it('are a circle when the same ones have the same outcome six times, and say which', () => {
    const agent = watched();
    expect(agent.commands(...times(5, 'npm test'))).toBeUndefined();
    const [finding] = agent.commands('npm test')?.findings ?? [];
    expect(finding?.words).toBe('the same command 6 times in a row, with the same outcome: npm test');
    expect(agent.commands('edit a')).toBeUndefined();
  });

  it('are none while anything else is done in between, or something else comes out', () => {
    const agent = watched();
    for (let n = 0; n < 200; n += 1) expect(agent.commands(`edit ${n}`, 'npm test')).toBeUndefined();
    for (let n = 0; n < 200; n += 1) expect(agent.commands(`gh run view: ${n} % done`)).toBeUndefined();
  });
});
