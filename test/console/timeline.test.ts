/** The timeline beyond the tail: pages, search, times, what belongs together. */
import { describe, expect, test } from 'vitest';
import { HISTORY_KEPT } from '../../src/console/history.ts';
import { TAIL_KEPT } from '../../src/console/state.ts';
import { gapAt, lookedBackTo, selectedAt, timeline } from '../../src/console/timeline.ts';
import { isStory } from '../../src/model/concern.ts';
import type { Draft, Event } from '../../src/model/event.ts';
import { AgentId, CastFile } from '../../src/model/ids.ts';
import { fits, parseQuery } from '../../src/model/query.ts';
import type { JournalPage, OperatorInput } from '../../src/protocol/messages.ts';
import { Desk } from './desk.ts';
import { asks, FLEET, placed, settled, started } from './events.ts';

const COUNT = 30_000;
const T0 = 1_700_000_000_000 - COUNT * 1000;
/** A long day: a start every second, a request now and then. */
const DAY: readonly Event[] = Array.from({ length: COUNT }, (_, i): Event => {
  const draft: Draft =
    i % 1000 === 7
      ? asks({ id: `r-${10_000 + i}`, agent: 'deployer' })
      : i % 1000 === 9
        ? settled(`r-${10_000 + i - 2}`, 'approved')
        : started('builder', 1 + (i % 50));
  return { ...(placed([draft], i, T0 + i * 1000)[0] as Event) };
});

/** An engine that answers from DAY as the real one does, a hundred events looked through at once. */
function answer(asked: OperatorInput<'journal.read'>): JournalPage {
  const query = parseQuery(asked.query ?? '');
  const suits = (e: Event) => fits(query, e) && (!asked.story || isStory(e));
  const limit = asked.limit ?? 200;
  const collect = (events: readonly Event[]) => {
    const found: Event[] = [];
    let last = events.at(-1);
    for (const [looked, e] of events.entries()) {
      if (suits(e)) found.push(e);
      if (found.length >= limit || looked >= 2000) {
        last = e;
        return { found, last, whole: false };
      }
    }
    return { found, last, whole: true };
  };
  if (asked.after !== undefined) {
    const { found, last, whole } = collect(DAY.slice(asked.after));
    return { events: found, from: asked.after + 1, to: whole ? COUNT : (last?.seq ?? COUNT) };
  }
  const until = asked.until === undefined ? COUNT : DAY.filter(e => e.time <= (asked.until ?? 0)).length;
  const to = Math.min(until, (asked.before ?? COUNT + 1) - 1);
  const { found, last, whole } = collect(DAY.slice(0, to).reverse());
  return { events: found.reverse(), from: whole ? 1 : (last?.seq ?? 1), to };
}

/** A desk whose tail ends the day, with an engine that answers at once. */
class Day {
  readonly desk: Desk;
  #answered = 0;
  asked = 0;

  constructor() {
    this.desk = new Desk(FLEET);
    const tail = DAY.slice(-500);
    this.desk.state = { ...this.desk.state, tail, fleet: { ...this.desk.state.fleet, seq: COUNT } };
    this.do(d => d.press('tab', 'tab'));
    while (this.desk.state.ui.focus !== 'timeline') this.do(d => d.press('tab'));
  }

  get state() {
    return this.desk.state;
  }

  /** What the person does, and every page that is asked for because of it. */
  do(what: (desk: Desk) => void): this {
    what(this.desk);
    for (let n = 0; n < 2000; n += 1) {
      const send = this.desk.sends[this.#answered];
      if (!send) return this;
      this.#answered += 1;
      if (send.request !== 'journal.read') continue;
      this.asked += 1;
      this.desk.act({ type: 'read', with: send.with, page: answer(send.with), at: this.desk.at });
    }
    throw new Error('asks for ever');
  }

  selected(): Event | undefined {
    return timeline(this.state)[selectedAt(this.state)];
  }
}

describe('going back', () => {
  test('older events are read as the selection comes to them, and not before', () => {
    const day = new Day();
    expect(day.asked).toBe(0);
    day.do(d => d.press('end'));
    expect(day.asked).toBe(1);
    const seen = timeline(day.state);
    expect(seen.length).toBe(700);
    expect(seen.map(e => e.seq)).toEqual(Array.from({ length: 700 }, (_, i) => COUNT - i));
    expect(lookedBackTo(day.state)).toBe(COUNT - 699);
  });

  test('it ends at the first event, and keeps a bounded number', () => {
    const day = new Day();
    for (let i = 0; i < 200 && lookedBackTo(day.state) > 1; i += 1) day.do(d => d.key('end'));
    day.do(d => d.key('end'));
    expect(day.selected()?.seq).toBe(1);
    expect(day.state.history?.events.length).toBeLessThanOrEqual(HISTORY_KEPT);
    expect(gapAt(day.state)).toBeGreaterThan(0);
    // And back up over what was let go.
    for (let i = 0; i < 200 && gapAt(day.state) > 0; i += 1) {
      const list = timeline(day.state);
      const gap = gapAt(day.state);
      const seq = list.find(e => e.seq <= gap)?.seq ?? 0;
      day.desk.state = { ...day.state, ui: { ...day.state.ui, event: seq } };
      day.do(d => d.key('up'));
    }
    expect(gapAt(day.state)).toBe(0);
    const list = timeline(day.state).map(e => e.seq);
    expect(list.every((seq, i) => i === 0 || seq === (list[i - 1] ?? 0) - 1)).toBe(true);
  });

  test('what leaves the tail goes on in the history', () => {
    const day = new Day();
    day.do(d => d.press('end', 'home'));
    day.do(d => d.emit(...Array.from({ length: TAIL_KEPT }, (_, i) => started('docs', i + 1))));
    // The desk's own events begin where its own seqs did: only the rule is looked at here.
    expect(gapAt(day.state)).toBe(0);
  });

  test('a filter is looked for in the whole journal, and only what fits is read', () => {
    const day = new Day();
    day.do(d => d.press('/').type('kind:gate.requested').press('enter'));
    const found = timeline(day.state);
    expect(found.every(e => e.kind === 'gate.requested')).toBe(true);
    expect(found.length).toBe(COUNT / 1000);
    expect(lookedBackTo(day.state)).toBe(1);
    day.do(d => d.press('esc'));
    expect(timeline(day.state).length).toBeGreaterThanOrEqual(500);
  });

  test('what is not understood is told and hides nothing', () => {
    const day = new Day();
    day.do(d => d.press('/').type('kimd:gate').press('enter'));
    expect(timeline(day.state).length).toBeGreaterThanOrEqual(500);
  });
});

describe('search and times', () => {
  test('n goes to what fits, however old, and N comes back', () => {
    const day = new Day();
    day.do(d => d.press('f').type('kind:approval').press('enter'));
    const visited = [day.selected()?.seq];
    for (let i = 0; i < 5; i += 1) {
      day.do(d => d.press('n'));
      visited.push(day.selected()?.seq);
    }
    const wanted = DAY.filter(e => fits(parseQuery('kind:approval'), e))
      .map(e => e.seq)
      .reverse();
    expect(visited).toEqual(wanted.slice(0, 6));
    day.do(d => d.press('N', 'N'));
    expect(day.selected()?.seq).toBe(wanted[3]);
    for (let i = 0; i < 6; i += 1) day.do(d => d.press('N'));
    expect(day.desk.said).toContain('nothing newer fits');
  });

  test('a word that is nowhere ends in a word about it', () => {
    const day = new Day();
    day.do(d => d.press('f').type('zebra').press('enter'));
    expect(day.desk.said).toContain('nothing older fits');
    expect(day.asked).toBeLessThan(40);
  });

  test('a time is gone to, and what lies between is known not to have been read', () => {
    const day = new Day();
    day.do(d => d.press('ctrl-t').type('7h').press('enter'));
    const wanted = DAY.filter(e => e.time <= day.state.now - 7 * 3_600_000).at(-1)?.seq;
    expect(day.selected()?.seq).toBe(wanted);
    expect(gapAt(day.state)).toBeGreaterThanOrEqual(wanted ?? 0);
    day.do(d => d.press('ctrl-t').type('yesterday').press('enter'));
    expect(day.state.ui.overlay).toMatchObject({
      kind: 'time',
      problem: expect.stringContaining('is no time'),
    });
    day.do(d => d.press('esc', 'ctrl-t').type('30d').press('enter'));
    expect(day.desk.said).toBe('nothing is that old');
  });

  test('a page nobody waits for any more changes nothing', () => {
    const day = new Day();
    day.desk.press('end');
    const [send] = day.desk.sends.filter(s => s.request === 'journal.read');
    if (send?.request !== 'journal.read') throw new Error('nothing was asked');
    day.desk.press('/').type('deployer').press('enter');
    const before = timeline(day.state);
    day.desk.act({ type: 'read', with: send.with, page: answer(send.with), at: day.desk.at });
    expect(timeline(day.state).map(e => e.seq)).toEqual(before.map(e => e.seq));
  });
});

test('of an agent that prints without end the story has the beginning of its recording, the audit view every part', () => {
  const actor = { type: 'cell', id: 'recorder', via: 'engine' } as const;
  const on = { actor, subject: 'agent:builder' } as const;
  const recording = { recording: 'builder.1', incarnation: 1, operator: '' } as const;
  const file = (part: number) => CastFile.parse(part === 1 ? 'builder.1.cast' : `builder.1.p${part}.cast`);
  const agent = AgentId.parse('builder');
  const parts = Array.from({ length: 5 }, (_, i): readonly Draft[] => [
    { ...on, kind: 'recording.started', data: { ...recording, file: file(i + 1), part: i + 1, agent } },
    {
      ...on,
      kind: 'recording.ended',
      data: { file: file(i + 1), chunks: 1, bytes: 9, ms: 9, redacted: 0, reason: 'full' },
    },
    { ...on, kind: 'recording.removed', data: { file: file(i + 1), reason: 'too old' } },
  ]).flat();
  const pause: readonly Draft[] = [
    { ...on, kind: 'recording.paused', data: { reason: 'disk full' } },
    { ...on, kind: 'recording.resumed', data: {} },
  ];
  const desk = new Desk([...FLEET, ...parts, ...pause]);
  const kinds = () =>
    timeline(desk.state)
      .map(e => e.kind)
      .filter(kind => kind.startsWith('recording.'));
  expect(kinds()).toEqual(['recording.resumed', 'recording.paused', 'recording.started']);
  const { ui } = desk.state;
  desk.state = { ...desk.state, ui: { ...ui, bottom: 'audit' } };
  expect(kinds()).toHaveLength(17);
});
