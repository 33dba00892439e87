/** The `?` page: every command, from the one table. What works here and now comes first. */
import { columns, pad, type Row, wrapWords } from '../src/console/cells.ts';
import { type HelpEntry, helpSections } from '../src/console/help.ts';
import { keyWords } from '../src/console/key-names.ts';
import { keyFor } from '../src/console/keymap.ts';
import type { ConsoleState } from '../src/console/state.ts';
import { modeOf } from '../src/console/views.ts';
import { type Content, page } from './page.tsx';

export const Help = page(content);

function content(state: ConsoleState, w: number): Content {
  const { overlay } = state.ui;
  if (overlay?.kind !== 'help') return { title: [], rows: [] };
  const { find, finding } = overlay;
  const sections = helpSections(state, find.text);
  const rows = sections.flatMap(({ title, groups }): readonly Row[] => [
    [[` ${title}`, 'strong']],
    ...groups.flatMap(({ group, entries }) => [
      [[`  ${group}`, 'accent']] as Row,
      ...entries.flatMap(entry => entryRows(entry, w)),
    ]),
    [],
  ]);
  const title: Row = [
    ['Keys', 'strong'],
    [` in ${modeOf(state)} mode`, 'muted'],
    ...(finding || find.text !== ''
      ? ([
          [` /${find.text}`, 'accent'],
          [finding ? '▏' : '', 'strong'],
        ] as const)
      : []),
  ];
  if (rows.length === 0) rows.push([[' no command fits', 'muted']]);
  const esc =
    finding || find.text !== '' ? 'clears the filter' : `closes · ${keyFor(state, 'look.filter')} filters`;
  return { title, rows: find.text === '' ? [...rows, ...about(state, w)] : rows, esc };
}

function entryRows(entry: HelpEntry, w: number): readonly Row[] {
  const keyWidth = Math.min(20, Math.max(8, Math.floor(w / 5)));
  const titleWidth = Math.min(18, Math.max(9, Math.floor(w / 6)));
  const { why, builtIn } = entry;
  const was =
    builtIn && (builtIn.length > 0 ? ` Yours; built in: ${builtIn.map(keyWords).join(', ')}.` : ' Yours.');
  const reason = why ? `${why.charAt(0).toUpperCase()}${why.slice(1)}. ` : '';
  const text = `${reason}${entry.help}${was ?? ''}`;
  const names = entry.keys.length > 0 ? entry.keys.map(keyWords).join('  ') : `:${entry.id}`;
  const keys = `${builtIn ? '*' : ' '}${names}`;
  // Keys that do not fit their column have a row of their own: no key is cut.
  const own = columns(keys) >= keyWidth;
  const lines = wrapWords(text, Math.max(10, w - keyWidth - titleWidth - 5));
  return [
    ...(own ? [['   ', [keys, 'key']] as Row] : []),
    ...lines.map(
      (line, i): Row => [
        '   ',
        [pad(i === 0 && !own ? keys : '', keyWidth), 'key'],
        [`${pad(i === 0 ? entry.title : '', titleWidth - 1)} `, why ? 'muted' : 'strong'],
        [line, why ? 'faint' : 'muted'],
      ],
    ),
  ];
}

/** What no command says. */
function about(state: ConsoleState, w: number): readonly Row[] {
  const lines = [
    `Mouse: a click selects, a second one opens, the wheel scrolls what is under it, hints and answers can be clicked; a click never decides. Shift and drag selects text, as your terminal does (Option on some). ${keyFor(state, 'console.mouse')} turns it off and on.`,
    'Keys of your own stand in keys.yaml; hms keys shows them, hms keys check says what is wrong with them.',
  ];
  return lines.flatMap(line => wrapWords(line, w - 2)).map((line): Row => [' ', [line, 'muted']]);
}
