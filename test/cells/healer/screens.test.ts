import { expect, test } from 'vitest';
import { Screens } from '../../../src/cells/healer/screens.ts';
import type { Shown } from '../../../src/cells/healer/shown.ts';
import { PaneId } from '../../../src/model/ids.ts';
import { worldByHand } from './world.ts';

function watching(paneOf = (agent: string) => PaneId.parse(agent === 'a' ? '%1' : '%2')) {
  const hand = worldByHand();
  const reads: (readonly string[])[] = [];
  const told: { agent: string; before: Shown | undefined }[] = [];
  let fails = false;
  const screens = new Screens(hand.world, {
    paneOf,
    read: async panes => {
      reads.push(panes);
      if (fails) throw new Error('a pane is gone');
      return new Map(panes.map(pane => [pane, { lines: [pane], above: reads.length, full: true }]));
    },
    onScreen: (agent, before) => told.push({ agent, before }),
  });
  return { ...hand, screens, reads, told, fail: (now: boolean) => (fails = now) };
}

test('only screens that were printed on are read, all at once, and quiet ones never again', async () => {
  const { screens, reads, told, pass } = watching();
  screens.printed('a', 1);
  screens.printed('b', 1);
  screens.printed('b', 2);
  await pass(5000);
  expect(reads).toEqual([['%1', '%2']]);
  expect(told).toEqual([
    { agent: 'a', before: undefined },
    { agent: 'b', before: undefined },
  ]);
  await pass(60_000);
  expect(reads).toHaveLength(1);
  screens.printed('b', 60);
  await pass(5000);
  expect(reads.at(-1)).toEqual(['%2']);
  expect(told.at(-1)?.before).toEqual({ lines: ['%2'], above: 1, full: true });
});

test('one that is being drawn is left for the next look, once', async () => {
  const { screens, reads, pass } = watching();
  screens.printed('a', 5);
  await pass(5000);
  expect(reads).toEqual([]);
  screens.printed('a', 10);
  await pass(5000);
  expect(reads).toEqual([['%1']]);
});

test('who has nothing to be told from its screen is not looked at until it has; a look that fails is made again', async () => {
  let wanted = false;
  const { screens, reads, told, pass, fail } = watching(
    () => (wanted ? PaneId.parse('%1') : undefined) as PaneId,
  );
  screens.printed('a', 1);
  await pass(60_000);
  expect(reads).toEqual([]);
  wanted = true;
  screens.printed('a', 60);
  fail(true);
  await pass(5000);
  expect(told).toEqual([]);
  fail(false);
  await pass(5000);
  expect(told).toHaveLength(1);
});
