/** The top line: which fleet, which mode, how the agents are, who is here, and whether all of it can be relied on. */
import { ends, paint, type Row, rowWidth, type Span } from '../src/console/cells.ts';
import { keyFor } from '../src/console/keymap.ts';
import { unreadCount } from '../src/console/mail.ts';
import type { ConsoleState } from '../src/console/state.ts';
import { operatorToken } from '../src/console/theme.ts';
import { modeOf, queue } from '../src/console/views.ts';
import { age, clock } from '../src/console/words.ts';
import { activeFaults } from '../src/model/chaos-state.ts';
import { fleetFreezeWords } from '../src/model/freeze.ts';
import { type AgentStatus, STATUS_GLYPH } from '../src/model/status.ts';
import { oneLine } from '../src/model/text.ts';
import { Block, type PaneProps } from './pane.tsx';
import { statusToken } from './status-look.ts';

/** Trouble first: what a narrow screen cuts off is what matters least. */
const ORDER: readonly AgentStatus[] = [
  'asking',
  'failed',
  'waiting',
  'healing',
  'blocked',
  'working',
  'starting',
  'idle',
  'exited',
  'stopped',
  'unknown',
];

export function Header({ state, rect, theme }: PaneProps) {
  return <Block rect={rect} rows={[paint(headerRow(state, rect.w), rect.w, theme)]} />;
}

function headerRow(state: ConsoleState, width: number): Row {
  const mode = modeOf(state);
  const name: Row = [[' hms ', 'muted'], ['▸ ', 'faint'], [state.fleet.fleet || '…', 'strong'], '  '];
  const badge: Row = state.me ? [[` ${mode.toUpperCase()} `, `mode-${mode}`]] : [];
  // What is left out first when there is no room comes last here.
  const parts = [
    brake(state),
    chaos(state),
    cells(state),
    ...linkRow(state).map(span => [span]),
    breakers(state),
    changed(state),
    ...mail(state),
    ...counts(state),
    people(state),
  ];
  const right: Row = [...journal(state), ' '];
  let left: Row = [...name, ...badge];
  for (const part of parts) {
    const gap = parts[0] === part || part === parts.at(-1) ? '   ' : '  ';
    const longer: Row = [...left, gap, ...part];
    if (part.length > 0 && rowWidth(longer) < width) left = longer;
  }
  return rowWidth(left) + rowWidth(right) + 2 <= width ? ends(left, right, width) : left;
}

function brake({ fleet }: ConsoleState): Row {
  const words = fleetFreezeWords(fleet);
  return words === '' ? [] : [[`❄ ${words}`, words.startsWith('PARTLY') ? 'bad' : 'warn']];
}

/** Whatever else there is to see: that something is broken on purpose, and what. */
function chaos({ fleet }: ConsoleState): Row {
  const faults = activeFaults(fleet.chaos);
  if (faults.length === 0) return fleet.chaos.halted ? [['■ chaos halted', 'warn']] : [];
  const what = faults.map(({ what, targets }) => [what, ...targets.slice(0, 2)].join(' ')).join(', ');
  return [[`⚡ BROKEN: ${oneLine(what, 40)}`, 'bad']];
}

/** Part of the engine does not work. */
function cells({ fleet }: ConsoleState): Row {
  const ill = Object.values(fleet.cells).filter(({ is }) => is !== 'restarted');
  return ill.length === 0 ? [] : [[`✖ ${ill.map(({ cell, is }) => `${cell} ${is}`).join(', ')}`, 'bad']];
}

/** Something is not called for now. */
function breakers({ fleet }: ConsoleState): Row {
  const open = Object.values(fleet.breakers).filter(({ is }) => is === 'open' || is === 'isolated');
  if (open.length === 0) return [];
  const names = open.map(({ name, is }) => `${name} ${is}`).join(', ');
  return [[`◇ ${oneLine(names, 48)}`, 'warn']];
}

function changed({ fleet }: ConsoleState): Row {
  const { proposal } = fleet.config;
  if (!proposal) return [];
  const refused = proposal.is === 'refused';
  return [[refused ? '⟳ fleet file broken' : '⟳ fleet file changed', refused ? 'bad' : 'warn']];
}

function linkRow(state: ConsoleState): Row {
  const { link, now, fleet } = state;
  if (link.is === 'up') return [];
  if (link.is === 'connecting') return [['connecting…', 'warn']];
  if (fleet.fleet !== '' && !fleet.engine.running)
    return [[`■ the fleet is down · ${keyFor(state, 'console.quit')} quits`, 'bad']];
  return [[`✖ engine restarting… ${age(now - link.since)}`, 'bad']];
}

function mail(state: ConsoleState): readonly Row[] {
  const waits = unreadCount(state);
  return waits > 0 ? [[[`✉ ${waits}`, 'info']]] : [];
}

function counts(state: ConsoleState): readonly Row[] {
  const by = new Map<AgentStatus, number>();
  let frozen = 0;
  for (const id of state.fleet.order) {
    const agent = state.fleet.agents[id];
    // What stands still does nothing else, whatever it was last seen doing.
    if (agent?.freeze?.is === 'frozen') frozen += 1;
    else if (agent) by.set(agent.status, (by.get(agent.status) ?? 0) + 1);
  }
  const waiting = queue(state).length;
  const asks: readonly Row[] = waiting > 0 && !by.has('asking') ? [[[`▲ ${waiting} waiting`, 'warn']]] : [];
  const still: readonly Row[] = frozen > 0 ? [[[`❄ ${frozen} frozen`, 'info']]] : [];
  return [
    ...asks,
    ...still,
    ...ORDER.filter(s => by.has(s)).map(
      (s): Row => [[`${STATUS_GLYPH[s]} ${by.get(s)} ${s}`, statusToken(s)]],
    ),
  ];
}

function people(state: ConsoleState): Row {
  return Object.values(state.fleet.sessions).flatMap((s, i): readonly Span[] => {
    const mine = s.id === state.me?.session;
    const words: Span = mine ? `${s.operator}` : `${s.operator} (${s.mode})`;
    return [...(i > 0 ? [[' · ', 'faint'] as const] : []), [words, operatorToken(s.operator)]];
  });
}

function journal({ fleet }: ConsoleState): Row {
  const { checkpoint, seq } = fleet;
  return [[checkpoint ? `⎈ signed ${clock(checkpoint.time).slice(0, 5)}` : `⎈ ${seq} events`, 'muted']];
}
