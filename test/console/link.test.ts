/** The connection to the engine, against the real protocol server. */
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Happening, Send } from '../../src/console/effects.ts';
import { keepLinked } from '../../src/console/link.ts';
import type { Mode } from '../../src/model/mode.ts';
import { connectOperator } from '../../src/protocol/client.ts';
import { withFolder } from '../support/scratch.ts';
import { waitFor } from '../support/wait.ts';
import { asks, fleet, started } from './events.ts';
import { standIn } from './stand-in.ts';

const FLEET = [...fleet({ builder: 'claude' }), started('builder', 1)];

function linked(path: string, { as, mode }: { as?: string; mode?: Mode } = {}) {
  const happenings: Happening[] = [];
  const link = keepLinked({
    connect: () => connectOperator(path),
    as,
    wanted: () => mode,
    now: () => performance.timeOrigin + performance.now(),
    after: (ms, run) => {
      const timer = setTimeout(run, ms);
      return () => clearTimeout(timer);
    },
    soon: run => void setImmediate(run),
    act: h => void happenings.push(h),
  });
  link.refused.catch(() => {});
  const of = <T extends Happening['type']>(type: T) =>
    happenings.filter((h): h is Extract<Happening, { type: T }> => h.type === type);
  return { link, happenings, of };
}

describe('the link', () => {
  test('greets, then passes every event on once, in order, in batches', async () => {
    await withFolder(async dir => {
      const engine = await standIn(join(dir, 'o.sock'), FLEET);
      const { link, of } = linked(engine.path, { mode: 'collaborate' });
      try {
        await waitFor(() => of('welcomed')[0], { what: 'the welcome' });
        const { welcome } = of('welcomed')[0] ?? {};
        expect(welcome?.mode).toBe('collaborate');
        const requests = Array.from({ length: 300 }, (_, n) =>
          asks({ id: `r-n${String(n).padStart(4, '0')}`, agent: 'builder' }),
        );
        engine.emit(...requests);
        const seqs = () => of('events').flatMap(h => h.events.map(e => e.seq));
        await waitFor(() => seqs().length >= 301, { what: 'all events' });
        expect(seqs()).toEqual(Array.from({ length: 301 }, (_, i) => (welcome?.state.seq ?? 0) + 1 + i));
        expect(of('events').length).toBeLessThan(100);
      } finally {
        link.close();
        await engine.close();
      }
    });
  });

  test('says when the engine is gone, and greets it again when it is back', async () => {
    await withFolder(async dir => {
      const path = join(dir, 'o.sock');
      const first = await standIn(path, FLEET);
      const { link, of } = linked(path);
      try {
        await waitFor(() => of('welcomed').length === 1, { what: 'the first welcome' });
        await first.close();
        await waitFor(() => of('lost').length > 0, { what: 'the loss to be noticed' });
        const second = await standIn(path, [...FLEET, asks({ id: 'r-aaaa', agent: 'builder' })]);
        await waitFor(() => of('welcomed').length === 2, { what: 'the second welcome' });
        expect(Object.keys(of('welcomed')[1]?.welcome.state.pending ?? {})).toEqual(['r-aaaa']);
        await second.close();
      } finally {
        link.close();
        await first.close();
      }
    });
  });

  test('waits for an engine that is not there yet', async () => {
    await withFolder(async dir => {
      const path = join(dir, 'o.sock');
      const { link, of } = linked(path);
      await waitFor(() => of('lost').length > 0, { what: 'the first attempt to fail' });
      const engine = await standIn(path, FLEET);
      try {
        await waitFor(() => of('welcomed').length === 1, { what: 'the welcome' });
      } finally {
        link.close();
        await engine.close();
      }
    });
  });

  test('an operator the engine refuses is told so, and not tried again', async () => {
    await withFolder(async dir => {
      const engine = await standIn(join(dir, 'o.sock'), FLEET);
      const { link, of } = linked(engine.path, { as: 'mallory' });
      try {
        await expect(link.refused).rejects.toMatchObject({ code: 'unknown-operator' });
        expect(of('lost')).toEqual([]);
      } finally {
        link.close();
        await engine.close();
      }
    });
  });

  test('answers and refusals come back with what they answer', async () => {
    await withFolder(async dir => {
      const engine = await standIn(join(dir, 'o.sock'), FLEET);
      const { link, of } = linked(engine.path);
      try {
        await waitFor(() => of('welcomed')[0], { what: 'the welcome' });
        const good: Send = { request: 'ping', with: {} };
        const bad: Send = { request: 'agent.stop', with: { agent: 'No Such Name' } };
        link.send(good);
        link.send(bad);
        await waitFor(() => of('answered')[0] && of('refused')[0], { what: 'both answers' });
        expect(of('answered')[0]?.send).toBe(good);
        expect(of('refused')[0]?.send).toBe(bad);
        expect(of('refused')[0]?.words).not.toBe('');
      } finally {
        link.close();
        await engine.close();
      }
    });
  });

  test('what is sent while the engine is away is refused, not kept for later', () => {
    const { link, of } = linked('/nonexistent/o.sock');
    link.send({ request: 'ping', with: {} });
    expect(of('refused')[0]).toMatchObject({ code: 'gone' });
    link.close();
  });
});
