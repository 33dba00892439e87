/** Questions on the lines above the footer: a second key, a name, words, a filter, a message, what to do with the tray. */
import { type Row, wrapWords } from '../src/console/cells.ts';
import type { Framed } from '../src/console/frame.ts';
import { keyFor } from '../src/console/keymap.ts';
import { hitsOf } from '../src/console/look-back.ts';
import type { ConsoleState, Overlay } from '../src/console/state.ts';
import { modeOf, selectedRequest } from '../src/console/views.ts';
import { yesKey } from '../src/console/yes.ts';
import { oneLine, plural } from '../src/model/text.ts';
import { adviceRow } from './ask-timeline.tsx';
import { lineRow, textRows } from './line-rows.ts';
import { inside, Pane, type PaneProps } from './pane.tsx';

type PromptKind = 'seek' | 'filter' | 'confirm' | 'name' | 'note' | 'reason' | 'message' | 'leave';
type PromptOverlay = Extract<Overlay, { kind: PromptKind }>;

export function Prompt(props: PaneProps) {
  const { w, h } = inside(props.rect);
  const { overlay } = props.state.ui;
  if (overlay === null || !isPrompt(overlay)) return null;
  return <Pane {...props} focused framed={promptFrame(props.state, overlay, w, h)} />;
}

function isPrompt(overlay: Overlay): overlay is PromptOverlay {
  return ['seek', 'filter', 'confirm', 'name', 'note', 'reason', 'message', 'leave'].includes(overlay.kind);
}

/** `a does this · b does that` for the bottom line; each can be clicked. */
function keys(...pairs: readonly (readonly [key: string, does: string])[]): Row {
  return pairs.flatMap(([shown, does], i): Row => {
    const key = shown === '⏎' ? 'enter' : [...shown].length === 1 ? shown : shown.toLowerCase();
    const target = { on: 'key', key } as const;
    return [
      [i > 0 ? ' · ' : '', 'faint'],
      [shown, 'key', target],
      [` ${does}`, 'muted', target],
    ];
  });
}

/** How much of what is looked for there is, where the prompt covers what else says so. */
function found({ ui: { back } }: ConsoleState): Row {
  if (!back?.lines || back.query === '') return [];
  const hits = hitsOf(back).length;
  return [
    [hits === 0 ? ' · not found' : ` · ${back.hit + 1} of ${hits} found`, hits === 0 ? 'warn' : 'accent'],
  ];
}

const press = (key: string): Row => [' Press ', [key, 'key'], ' to do it; any other way out does nothing.'];

/** How a query of the timeline could go on; other panes have words only. */
function hints(state: ConsoleState, overlay: Extract<Overlay, { kind: 'filter' }>): readonly Row[] {
  return overlay.pane === 'timeline' ? [adviceRow(state, overlay)] : [];
}

function promptFrame(state: ConsoleState, overlay: PromptOverlay, w: number, h: number): Framed {
  const request = 'decision' in overlay ? selectedRequest(state) : undefined;
  const subject = request ? oneLine(request.facts.title, 400) : '';
  const prose = (text: string, token: 'text' | 'strong' | 'muted' = 'text'): readonly Row[] =>
    wrapWords(text, w - 2).map((line): Row => [' ', [line, token]]);
  switch (overlay.kind) {
    case 'confirm': {
      const { yes, pressed = '' } = overlay.ask;
      const key = yesKey(yes.is === 'decide' ? yes.decision.keys : [pressed]);
      return {
        title: [[overlay.ask.title, 'warn']],
        foot: keys([key, 'yes'], ['Esc', 'no, nothing happens']),
        body: [
          ...prose(oneLine(overlay.ask.detail, 1000), 'strong').slice(0, Math.max(1, h - 1)),
          press(key),
        ],
      };
    }
    case 'name':
      return {
        title: [
          ['CRITICAL', 'risk-critical'],
          [` type ${overlay.expected} to ${overlay.decision.as} it`, 'warn'],
        ],
        foot: keys(['⏎', overlay.decision.as], ['Esc', 'back, nothing is decided']),
        body: [
          ...prose(subject, 'strong').slice(0, Math.max(0, h - 1)),
          [[' ▸ ', 'accent'], ...lineRow(overlay.line, w - 4)],
        ],
      };
    case 'note':
      return {
        title: [
          [`Deny ${request?.agent ?? ''}`, 'warn'],
          [' · words for the agent, if any', 'muted'],
        ],
        foot: keys(['⏎', 'denies'], ['Esc', 'back, nothing is decided']),
        body: [
          ...prose(subject, 'muted').slice(0, Math.max(0, h - 1)),
          [[' ▸ ', 'accent'], ...lineRow(overlay.line, w - 4)],
        ],
      };
    case 'reason':
      return {
        title: [
          ['Override', 'bad'],
          [' · give a reason. It goes on the record', 'muted'],
        ],
        foot: keys(['⏎', 'goes on'], ['Esc', 'back, nothing is decided']),
        body: [
          ...prose(subject, 'muted').slice(0, Math.max(0, h - 1)),
          [[' ▸ ', 'accent'], ...lineRow(overlay.line, w - 4)],
        ],
      };
    case 'message':
      return {
        title: [
          [`Message to ${overlay.agent}`, 'strong'],
          [modeOf(state) === 'prepare' ? ' · staged, not sent' : '', 'warn'],
        ],
        foot: keys(
          ['⏎', modeOf(state) === 'prepare' ? 'stages it' : 'sends it'],
          ['Ctrl-J', 'new line'],
          ['Esc', 'drops it'],
        ),
        body: textRows(overlay.line, w - 2, h).map((row): Row => [' ', ...row]),
      };
    case 'seek':
      return {
        title: [['Find in the screen', 'strong'], ...found(state)],
        foot: keys(
          ['⏎', `keeps it: ${keyFor(state, 'back.next')} before, ${keyFor(state, 'back.previous')} after`],
          ['Esc', 'clears it'],
        ),
        body: [[[' / ', 'accent'], ...lineRow(overlay.line, w - 4)]],
      };
    case 'filter':
      return {
        title: [[`Filter ${overlay.pane}`, 'strong']],
        foot: keys(['⏎', 'keeps it'], ['Esc', 'clears it']),
        body: [[[' / ', 'accent'], ...lineRow(overlay.line, w - 4)], ...hints(state, overlay)],
      };
    case 'leave':
      return {
        title: [[`${plural(overlay.items.length, 'staged item')} in the tray`, 'warn']],
        foot: keys(
          ['c', 'commit them'],
          ...(overlay.to === 'quit' ? [] : [['k', 'keep them'] as const]),
          ['d', 'drop them'],
          ['Esc', 'stay in prepare'],
        ),
        body: prose(
          `${overlay.to === 'quit' ? 'Quitting' : `Leaving for ${overlay.to} mode`}: what shall become of them? Nothing happens by itself.`,
        ),
      };
  }
}
