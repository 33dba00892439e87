/** What is staged in prepare mode, and what would happen if it were committed now. */
import { clip, type Row } from '../src/console/cells.ts';
import type { Framed } from '../src/console/frame.ts';
import { keyFor } from '../src/console/keymap.ts';
import type { ConsoleState } from '../src/console/state.ts';
import type { Target } from '../src/console/target.ts';
import { type Staged, stillNeeded, tray } from '../src/console/views.ts';
import { oneLine } from '../src/model/text.ts';
import { inside, Pane, type PaneProps, windowFrom } from './pane.tsx';
import { riskSpan } from './status-look.ts';

export function Tray(props: PaneProps) {
  const { state, rect } = props;
  const { w, h } = inside(rect);
  return <Pane {...props} focused={state.ui.focus === 'tray'} framed={trayFrame(state, w, h)} />;
}

function trayFrame(state: ConsoleState, w: number, h: number): Framed {
  const items = tray(state);
  const title: Row = [
    ['Tray', 'strong'],
    [items.length > 0 ? ` ${items.length} staged` : '', 'warn'],
  ];
  if (items.length === 0) {
    return {
      title,
      body: [
        [
          [
            ` nothing staged: ${['approval.approve', 'approval.deny', 'agent.message'].map(id => keyFor(state, id)).join(', ')} put decisions and messages here`,
            'muted',
          ],
        ],
      ],
    };
  }
  const at = Math.max(
    0,
    items.findIndex(t => t.item === state.ui.item),
  );
  const rows = Math.max(1, Math.floor(h / 2));
  const from = windowFrom(at, items.length, rows);
  const body = items.slice(from, from + rows).flatMap((t, i) => itemRows(state, t, from + i === at, w));
  const targets = items.slice(from, from + rows).flatMap(({ item }): readonly Target[] => [
    { on: 'item', item },
    { on: 'item', item },
  ]);
  const hidden = items.length - rows;
  return {
    title,
    foot: [
      [hidden > 0 ? `${hidden} more ` : '', 'warn'],
      [keyFor(state, 'tray.commit'), 'key', { on: 'command', id: 'tray.commit' }],
      [' commits', 'muted', { on: 'command', id: 'tray.commit' }],
      [' · ', 'muted'],
      [keyFor(state, 'tray.drop'), 'key', { on: 'command', id: 'tray.drop' }],
      [' drops', 'muted', { on: 'command', id: 'tray.drop' }],
    ],
    body,
    targets,
    ...(state.ui.focus === 'tray' ? { cursor: (at - from) * 2 } : {}),
  };
}

/** One row for what is staged, one for what it would do. */
function itemRows(
  state: ConsoleState,
  { item, staged }: Staged,
  selected: boolean,
  w: number,
): readonly Row[] {
  const lead: Row = [
    [selected ? '▸' : ' ', 'accent'],
    [`${item} `, 'faint'],
  ];
  if (staged.type === 'message') {
    const agent = state.fleet.agents[staged.agent];
    const refused = !agent?.alive
      ? `refused now: ${staged.agent} is not running`
      : agent.status === 'asking'
        ? `refused while ${staged.agent} asks`
        : undefined;
    const words = `“${oneLine(staged.text, 160)}”`;
    return [
      clip([...lead, ['message ', 'strong'], [staged.agent, 'strong']], w),
      refused
        ? [[`   ${refused}: ${words}`, 'warn']]
        : [[`   + types into ${staged.agent}, then Enter: ${words}`, 'added']],
    ];
  }
  const request = state.fleet.pending[staged.request];
  if (!request) {
    const ended = state.fleet.settled.find(r => r.id === staged.request);
    const how = ended?.outcome ?? 'no longer waits';
    return [
      clip([...lead, [staged.decision, 'strong'], [` ${staged.request}`, 'muted']], w),
      [[`   nothing would happen: it is ${how}`, 'warn']],
    ];
  }
  const runs = stillNeeded(request) <= 1 ? 'it runs' : `it still needs ${stillNeeded(request) - 1} more`;
  const effect =
    staged.decision === 'approve'
      ? `+ ${runs}`
      : `− it is refused${staged.note ? `: “${oneLine(staged.note, 120)}”` : ''}`;
  return [
    clip(
      [
        ...lead,
        [`${staged.decision} `, 'strong'],
        riskSpan(request.facts.level),
        ` ${request.agent} `,
        [oneLine(request.facts.title, 120), 'text'],
      ],
      w,
    ),
    [[`   ${effect}`, staged.decision === 'approve' ? 'added' : 'removed']],
  ];
}
