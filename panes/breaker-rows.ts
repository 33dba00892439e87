/** The breakers on the healing page: those that refuse something first, and the one that keys are about. */
import { chosenBreaker, shownBreakers } from '../src/console/breakers.ts';
import { cut, type Row, type Span } from '../src/console/cells.ts';
import type { ConsoleState } from '../src/console/state.ts';
import { age } from '../src/console/words.ts';
import { type BreakerView, failureRate } from '../src/model/breaker-view.ts';
import { sparkline } from '../src/model/resources.ts';
import { oneLine, spanWords } from '../src/model/text.ts';
import { windowFrom } from './pane.tsx';

const NAME = 26;
const STATE = 18;
const RATE = 12;
/** Columns of the failure rate's picture. */
const PICTURE = 12;
/** Rows; Tab goes through the rest. */
const MOST = 8;

const LOOK = {
  closed: ['✔', 'good'],
  open: ['✖', 'bad'],
  'half-open': ['◐', 'warn'],
  isolated: ['○', 'bad'],
} as const satisfies Record<BreakerView['is'], Span>;

export function breakerRows(state: ConsoleState, w: number): readonly Row[] {
  const { overlay } = state.ui;
  const all = shownBreakers(state);
  const title: Row = [' ', ['Breakers ', 'strong']];
  if (all.length === 0) return [[...title, ['none was used so far', 'muted']]];
  const chosen = overlay?.kind === 'healing' ? chosenBreaker(state, overlay) : undefined;
  const at = all.findIndex(one => one.name === chosen?.name);
  const from = windowFrom(at, all.length, MOST);
  const more = all.length > MOST ? `  ${all.length - MOST} more` : '';
  return [
    [
      ...title,
      ['Tab', 'key', { on: 'key', key: 'tab' }],
      [' chooses · ', 'muted'],
      ...hint('o', 'opens'),
      ...hint('c', 'closes'),
      ...hint('i', 'isolates'),
      ...hint('r', 'resets'),
      [more, 'warn'],
    ],
    ...all.slice(from, from + MOST).map((one, n) => rowOf(state, one, from + n === at, w)),
  ];
}

function hint(key: string, words: string): readonly Span[] {
  return [
    [key, 'key', { on: 'key', key }],
    [` ${words}  `, 'muted'],
  ];
}

function rowOf({ now, breakers }: ConsoleState, view: BreakerView, chosen: boolean, w: number): Row {
  const { name, is, since, why } = view;
  const rate = failureRate(view);
  const failed = rate === undefined ? '' : `${rate} % of ${view.calls}`;
  const rates = Object.hasOwn(breakers.rates, name) ? (breakers.rates[name] ?? []) : [];
  const ago = since === 0 ? '' : `${age(now - since)}: ${oneLine(why, 120)}`;
  return [
    [chosen ? ' ▸ ' : '   ', 'accent'],
    LOOK[is],
    [` ${cut(name, NAME).padEnd(NAME)} `, 'text'],
    [stateWords(view, now).padEnd(STATE), is === 'closed' ? 'muted' : LOOK[is][1]],
    [` ${failed.padEnd(RATE)} `, rate ? 'warn' : 'muted'],
    [sparkline(rates, PICTURE, 100).padStart(PICTURE), 'accent'],
    [`  ${cut(ago, Math.max(8, w - NAME - STATE - RATE - PICTURE - 12))}`, 'muted'],
  ];
}

function stateWords({ is, until }: BreakerView, now: number): string {
  if (is !== 'open') return is;
  return until > now ? `open, ${spanWords(1000 * Math.ceil((until - now) / 1000))}` : 'open, may try';
}
