/** Tokens, counted from the transcript of a turn: each message once, nothing twice, whatever else is in the file. */
import { execFileSync } from 'node:child_process';
import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { UsageCounter } from '../../src/cells/usage.ts';
import { claude } from '../../src/drivers/claude.ts';
import { usageIn } from '../../src/drivers/claude-usage.ts';
import type { Draft } from '../../src/model/event.ts';
import { fold } from '../../src/model/reduce.ts';
import { EMPTY } from '../../src/model/state.ts';
import { FLEET, placed } from '../console/events.ts';
import { withFolder } from '../support/scratch.ts';

const message = (id: string, input: number, output: number, more = {}): string =>
  `${JSON.stringify({
    type: 'assistant',
    message: {
      id,
      model: 'claude-test',
      content: [{ type: 'text', text: 'é "usage" {}' }],
      usage: {
        input_tokens: input,
        output_tokens: output,
        cache_read_input_tokens: 7,
        cache_creation_input_tokens: 3,
      },
    },
    ...more,
  })}\n`;

/** A world that folds what is emitted into the state of a small fleet. */
function world() {
  let state = fold(EMPTY, placed(FLEET, 0, 1000));
  let now = 100_000;
  const drafts: Draft[] = [];
  const logged: string[] = [];
  const cell = new UsageCounter(
    {
      get state() {
        return state;
      },
      emit: (...more: readonly Draft[]) => {
        drafts.push(...more);
        const events = placed(more, state.seq, 1000);
        state = fold(state, events);
        return { events, durable: Promise.resolve() };
      },
      now: () => now,
      random: () => 0,
      log: line => logged.push(line),
      after: () => () => {},
    },
    (_, lines, settled) => claude.usageIn?.(lines, settled),
  );
  return {
    cell,
    drafts,
    logged,
    used: () => state.agents.builder?.usage,
    pass: (ms: number) => {
      now += ms;
    },
  };
}

describe('a turn', () => {
  test('counts each message once, adds turns up, and goes on where it stopped', async () => {
    await withFolder(async dir => {
      const { cell, drafts, used } = world();
      const path = join(dir, 't.jsonl');
      const turn = { path, conversation: 'c1', at: 'ends' as const };
      writeFileSync(
        path,
        `{"type":"user"}\n${message('m1', 10, 1)}${message('m1', 10, 20)}not json "usage"\n${message('m2', 5, 6)}`,
      );
      cell.see('builder', turn);
      cell.see('builder', turn);
      await cell.quiet();
      expect(drafts).toHaveLength(1);
      expect(used()).toEqual({ input: 15, output: 26, cacheRead: 14, cacheWrite: 6, cost: null });
      // A line that is not written to its end yet belongs to the next turn.
      const next = message('m3', 100, 100);
      appendFileSync(path, next.slice(0, 40));
      cell.see('builder', turn);
      await cell.quiet();
      appendFileSync(path, next.slice(40));
      cell.see('builder', turn);
      await cell.quiet();
      expect(drafts).toHaveLength(2);
      expect(used()?.input).toBe(115);
    });
  });

  test('is counted while it lasts too, now and then, but for the message that is being written', async () => {
    await withFolder(async dir => {
      const { cell, drafts, used, pass } = world();
      const path = join(dir, 't.jsonl');
      const grows = { path, conversation: 'c1', at: 'grows' as const };
      writeFileSync(path, `${message('m1', 10, 20)}{"type":"é"}\n${message('m2', 5, 1)}`);
      cell.see('builder', grows);
      cell.see('builder', grows);
      await cell.quiet();
      expect(drafts).toHaveLength(1);
      expect(used()).toMatchObject({ input: 10, output: 20 });
      appendFileSync(path, `${message('m2', 5, 6)}${message('sub', 90_000, 0, { isSidechain: true })}`);
      cell.see('builder', grows);
      await cell.quiet();
      expect(drafts).toHaveLength(1);
      pass(60_000);
      cell.see('builder', grows);
      await cell.quiet();
      expect(used()).toMatchObject({ input: 15, output: 26 });
      appendFileSync(path, message('m3', 150_000, 0));
      cell.see('builder', { ...grows, at: 'ends' });
      await cell.quiet();
      expect(used()).toMatchObject({ input: 240_015, output: 26 });
      expect(drafts.map(({ data }) => 'lasts' in data)).toEqual([true, true, false]);
      expect(drafts.map(({ data }) => 'context' in data && data.context)).toEqual([
        ...[expect.closeTo(0.0001, 3), expect.closeTo(0.0001, 3), expect.closeTo(0.75, 2)],
      ]);
    });
  });

  test('of a conversation that is gone on with does not count what was before', async () => {
    await withFolder(async dir => {
      const { cell, used } = world();
      const path = join(dir, 't.jsonl');
      writeFileSync(path, message('old', 1000, 1000));
      cell.see('builder', { path, conversation: 'c2', at: 'begins' as const });
      await cell.quiet();
      appendFileSync(path, message('new', 1, 2, { costUSD: 0.25 }));
      cell.see('builder', { path, conversation: 'c2', at: 'ends' as const });
      await cell.quiet();
      expect(used()).toMatchObject({ input: 1, output: 2, cost: 0.25 });
    });
  });

  test('whose transcript is a pipe, a folder, a link or nothing at all counts nothing and holds nobody up', async () => {
    await withFolder(async dir => {
      const { cell, drafts, logged } = world();
      const pipe = join(dir, 'pipe');
      execFileSync('mkfifo', [pipe]);
      for (const path of [pipe, dir, '/dev/zero', join(dir, 'missing'), '']) {
        cell.see('builder', { path, conversation: 'c3', at: 'ends' as const });
      }
      await cell.quiet();
      expect(drafts).toEqual([]);
      expect(logged).toEqual([]);
    });
  });

  test('says nothing where numbers are nonsense', () => {
    const odd = message('m', -5, 1e300).replace(
      '"cache_read_input_tokens":7',
      '"cache_read_input_tokens":"many"',
    );
    expect(usageIn(odd)?.usage).toEqual({ input: 0, output: 0, cacheRead: 0, cacheWrite: 3, cost: null });
    expect(usageIn('{"message":{"usage":null}}\n')).toBeUndefined();
  });
});
