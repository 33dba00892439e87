/** Questions of the timeline on the lines above the footer: what to search for, which time to go to, whom to write to. */
import { advice } from '../src/console/asking-timeline.ts';
import type { Row } from '../src/console/cells.ts';
import { keyFor } from '../src/console/keymap.ts';
import { addresses } from '../src/console/mail.ts';
import type { ConsoleState, Overlay } from '../src/console/state.ts';
import { KEYS } from '../src/model/query.ts';
import { oneLine } from '../src/model/text.ts';
import { lineRow, textRows } from './line-rows.ts';
import { inside, Pane, type PaneProps } from './pane.tsx';

type Asking = Extract<Overlay, { kind: 'find' | 'time' | 'mail' | 'experiment' }>;

const TITLES: Readonly<
  Record<Asking['kind'], (key: (id: string) => string) => readonly [title: string, about: string]>
> = {
  find: key => [
    'Search the timeline',
    `${key('look.find-older')} older, ${key('look.find-newer')} newer; nothing is hidden`,
  ],
  time: () => ['Go to', '10m ago, 14:30, or 2026-08-03T14:30'],
  experiment: () => ['Experiment', 'its file; nothing is broken before its plan is approved'],
  mail: () => ['Write', 'a name, then the words; into an inbox, not into a pane'],
};

export function AskTimeline(props: PaneProps) {
  const { overlay } = props.state.ui;
  const { w, h } = inside(props.rect);
  if (!isAsking(overlay)) return null;
  const [title, about] = TITLES[overlay.kind](id => keyFor(props.state, id));
  const line =
    overlay.kind === 'mail'
      ? textRows(overlay.line, w - 2, Math.max(1, h - 1)).map((row): Row => [' ', ...row])
      : [[[' ▸ ', 'accent'], ...lineRow(overlay.line, w - 4)] as Row];
  const framed = {
    title: [
      [title, 'strong'],
      [` · ${about}`, 'muted'],
    ] as Row,
    foot: [
      ['⏎', 'key'],
      [' does it · ', 'muted'],
      ['Tab', 'key'],
      [' completes · ', 'muted'],
      ['Esc', 'key'],
      [' leaves it', 'muted'],
    ] as Row,
    body: [...line, adviceRow(props.state, overlay)],
  };
  return <Pane {...props} focused framed={framed} />;
}

function isAsking(overlay: Overlay | null): overlay is Asking {
  return overlay !== null && Object.hasOwn(TITLES, overlay.kind);
}

/** What is wrong with what was typed, or how it could go on. */
export function adviceRow(state: ConsoleState, overlay: Overlay): Row {
  const { problem, options } = advice(state, overlay);
  if (problem !== '') return [[` ! ${oneLine(problem, 400)}`, 'warn']];
  const offered = overlay.kind === 'mail' && !/\s/.test(overlay.line.text) ? addresses(state) : options;
  if (offered.length > 0) return [[` ${oneLine(offered.slice(0, 30).join('  '), 400)}`, 'muted']];
  if (overlay.kind === 'mail' || overlay.kind === 'time' || overlay.kind === 'experiment') return [];
  return [
    [
      ` ${Object.keys(KEYS)
        .map(key => `${key}:`)
        .join('  ')}  -not  "two words"`,
      'faint',
    ],
  ];
}
