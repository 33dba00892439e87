/** What the rules see, fed through the picture as the Loop feeds them. */
import { describe, expect, it } from 'vitest';
import type { Detector } from '../../src/healing/detector.ts';
import { Picture } from '../../src/healing/picture.ts';
import { death } from '../../src/healing/rules/death.ts';
import { reportedError } from '../../src/healing/rules/error.ts';
import { limits } from '../../src/healing/rules/limits.ts';
import { liveProbe } from '../../src/healing/rules/probe.ts';
import { silence } from '../../src/healing/rules/silence.ts';
import type { Signal } from '../../src/healing/types.ts';
import { HealingConfig } from '../../src/model/healing.ts';
import { crashed, doing, started, time } from './support/fleet.ts';

function watch(detector: Detector, settings: object = {}, lag = 1) {
  const picture = new Picture();
  const config = HealingConfig.parse(settings);
  return (signal: Signal, now: number) => {
    picture.see(signal, now);
    return detector.see(signal, { picture, config, now, lag, troubled: false });
  };
}

describe('death', () => {
  it('is told from a clean end, a loop, a lost pane and a dependency', () => {
    const see = watch(death);
    expect(see(time, 0)).toBeUndefined();
    see(started(1), 0);
    expect(see(crashed(1), 1000)).toMatchObject({ fault: 'crash', since: 1000 });
    see(started(2), 2000);
    see(crashed(2), 3000);
    see(started(3), 4000);
    expect(see(crashed(3), 5000)).toMatchObject({ fault: 'crash-loop' });
    expect(see({ signal: 'dependency', name: 'db', up: false }, 5100)).toMatchObject({
      fault: 'dependency',
      waitFor: { dependencies: ['db'] },
    });
    see(started(4), 100_000);
    const lost: Signal = { signal: 'exited', incarnation: 4, clean: false, lost: true, words: 'gone' };
    expect(see(lost, 101_000)).toMatchObject({ fault: 'lost' });
    see(started(5), 102_000);
    const clean: Signal = { signal: 'exited', incarnation: 5, clean: true, lost: false, words: 'exit 0' };
    expect(see(clean, 103_000)).toBeUndefined();
  });

  it('is not believed of an earlier life', () => {
    const see = watch(death);
    see(started(1), 0);
    see(started(2), 1000);
    expect(see(crashed(1), 2000)).toBeUndefined();
  });
});

describe('a reported error', () => {
  const limited: Signal = { signal: 'error', error: 'rate-limit', until: 60_000, words: 'slow down' };

  it('stands only when nothing follows it, and waits until the time given and a moment more', () => {
    const see = watch(reportedError);
    see(started(1), 0);
    expect(see(limited, 1000)).toBeUndefined();
    expect(see(limited, 3000)).toMatchObject({
      fault: 'rate-limit',
      since: 1000,
      waitFor: { until: 62_000 },
    });
    expect(see(time, 62_000)?.waitFor).toEqual({});
    expect(see({ signal: 'progress' }, 63_000)).toBeUndefined();
  });
});

describe('limits', () => {
  const using = (rss: number): Signal => ({
    signal: 'resources',
    use: { cpu: 1, rss: rss * (1 << 20), fds: 10, threads: 1, children: 0, output: 0 },
  });

  it('are passed when it lasts, not by a peak', () => {
    const see = watch(limits(), { limits: { memory: 100 } });
    see(started(1), 0);
    expect(see(using(200), 1000)).toBeUndefined();
    expect(see(using(50), 6000)).toBeUndefined();
    expect(see(using(200), 7000)).toBeUndefined();
    expect(see(using(200), 17_000)).toMatchObject({ fault: 'leak', since: 7000 });
  });
});

describe('a live probe', () => {
  const probe = (ok: boolean, purpose: 'live' | 'ready' | 'health'): Signal => ({
    signal: 'probe',
    probe: 'p',
    purpose,
    ok,
    tookMs: 5,
    words: 'refused',
  });

  it('is believed after as many failures as people set; ready and health never restart anything', () => {
    const config = { probes: { p: { tcp: 'localhost:1', failures: 2 } } };
    const see = watch(liveProbe, config);
    see(started(1), 0);
    expect(see(probe(false, 'live'), 1000)).toBeUndefined();
    expect(see(probe(false, 'live'), 2000)).toMatchObject({ fault: 'hang', since: 1000 });
    expect(see(probe(true, 'live'), 3000)).toBeUndefined();
    for (const purpose of ['ready', 'health'] as const) {
      const other = watch(liveProbe, config);
      other(started(1), 0);
      for (let at = 1000; at < 9000; at += 1000) expect(other(probe(false, purpose), at)).toBeUndefined();
    }
  });

  it('asks first whether what it depends on is down', () => {
    const see = watch(liveProbe, { probes: { p: { tcp: 'localhost:1', failures: 1 } } });
    see(started(1), 0);
    see({ signal: 'dependency', name: 'db', up: false }, 500);
    expect(see(probe(false, 'live'), 1000)).toMatchObject({
      fault: 'dependency',
      waitFor: { dependencies: ['db'] },
    });
  });
});

describe('silence', () => {
  it('counts while it works, longer when our own clock lags, and never where people turned it off', () => {
    const see = watch(silence, { silence: '10s' });
    see(started(1), 0);
    see(doing('working'), 1000);
    expect(see(time, 10_900)).toBeUndefined();
    expect(see(time, 11_000)).toMatchObject({ fault: 'hang', since: 1000 });
    const lagging = watch(silence, { silence: '10s' }, 3);
    lagging(started(1), 0);
    expect(lagging(time, 29_000)).toBeUndefined();
    expect(lagging(time, 30_000)).toMatchObject({ fault: 'hang' });
    const off = watch(silence);
    off(started(1), 0);
    expect(off(time, 9_999_999)).toBeUndefined();
  });
});
