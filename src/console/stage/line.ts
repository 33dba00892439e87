/** What tmux's status line says below an agent on stage: where you are, what keys do, who else wants something. */
import { ends, type Row, rowWidth, type Span } from '../cells.ts';
import { effective, keyFor } from '../keymap.ts';
import type { ConsoleState } from '../state.ts';
import { operatorToken, type Token } from '../theme.ts';
import { keyboardOf, modeOf, queue } from '../views.ts';
import { backKey, holderOf } from './rights.ts';

const TONE: Readonly<Record<string, Token>> = { info: 'info', good: 'good', warn: 'warn', bad: 'bad' };

/**
 * The row, for a terminal of this width.
 * @param recorded what the person sees is being recorded
 */
export function stageLine(state: ConsoleState, width: number, recorded: boolean): Row {
  const right = state.ui.prefix === 'none' ? resting(state, width) : choices(state);
  const left = place(state, width - rowWidth(right) - 1, recorded);
  return ends([...left, ' '], right, width);
}

function place(state: ConsoleState, room: number, recorded: boolean): Row {
  const { fleet, ui } = state;
  const mode = modeOf(state);
  const waiting = queue(state).length;
  const toast = ui.toasts.at(-1);
  const parts: Row[] = [
    [[ui.stage, 'strong'], ' ', [` ${mode.toUpperCase()} `, `mode-${mode}`]],
    keyboard(state),
  ];
  if (waiting > 0) parts.push([[`▲ ${waiting} asking`, 'warn']]);
  const agent = fleet.agents[ui.stage];
  if (state.link.is !== 'up') parts.push([['✖ engine gone: nothing is typed until it is back', 'bad']]);
  else if (!agent?.alive) parts.push([[`□ ${agent?.status ?? 'gone'}`, 'warn']]);
  if (recorded) parts.push([['⏺ rec', 'muted']]);
  let row: Row = [' ', [`${fleet.fleet} ▸ `, 'muted']];
  // What was just said comes before everything but where you are: it is why somebody looks here.
  const said: Row = toast ? [[toast.text, TONE[toast.tone] ?? 'text']] : [];
  const [where = [], ...rest] = parts;
  row = [...row, ...where];
  if (said.length > 0 && rowWidth(row) + rowWidth(said) + 2 > room) return [' ', ...said];
  for (const part of said.length > 0 ? [said, ...rest] : rest) {
    if (rowWidth(row) + rowWidth(part) + 2 > room) continue;
    row = [...row, '  ', ...part];
  }
  return row;
}

function keyboard(state: ConsoleState): Row {
  const holder = holderOf(state);
  if (holder === '') return [['⌨ free', 'muted']];
  const lease = keyboardOf(state, state.ui.stage);
  const name = state.fleet.sessions[lease?.session ?? '']?.operator ?? '';
  const asks = holder === 'you' ? askers(state) : '';
  const give: Row =
    asks === ''
      ? []
      : [[` ${asks} `, 'warn'], ...hint(`${backKey(state)} ${keyFor(state, 'agent.hand-over')}`, 'gives it')];
  return [[`⌨ ${holder}`, operatorToken(name)], ...give];
}

/** Who asks for the keyboard that is ours. */
function askers(state: ConsoleState): string {
  const names = (keyboardOf(state, state.ui.stage)?.asked ?? []).flatMap(
    id => state.fleet.sessions[id]?.operator ?? [],
  );
  return names.length === 0 ? '' : `${names.join(', ')} ${names.length === 1 ? 'asks' : 'ask'}`;
}

function resting(state: ConsoleState, width: number): Row {
  const back = backKey(state);
  const whole: Row = [
    ...hint(back, 'back'),
    '  ',
    ...hint(`${back} ${first(state, 'mode.watch')}`, 'mode'),
    '  ',
    ...hint(`${back} ${keyFor(state, 'agent.keyboard')}`, 'keyboard'),
    ' ',
  ];
  const roomy = rowWidth(whole) + 60 <= width && state.ui.toasts.length === 0;
  return roomy ? whole : [...hint(back, 'back'), ' '];
}

/** What the next key would do. */
function choices(state: ConsoleState): Row {
  const { prefix, chord } = state.ui;
  const back = backKey(state);
  if (prefix === 'back')
    return [
      [`${back} …`, 'accent'],
      '  ',
      ...hint(back, 'sends it'),
      '  ',
      ...hint(first(state, 'mode.watch'), 'mode'),
      '  ',
      ...hint(keyFor(state, 'agent.keyboard'), 'keyboard'),
      ' ',
    ];
  const begun = `${chord} `;
  const next = effective(state)
    .filter(c => c.when.holds(state))
    .flatMap(c =>
      c.keys.filter(k => chord !== '' && k.startsWith(begun)).map(k => hint(k.slice(begun.length), c.title)),
    );
  return [[`${chord} …`, 'accent'], ...next.flatMap((h): Row => ['  ', ...h]), ' '];
}

/** The first key of a command's sequence. */
function first(state: ConsoleState, id: string): string {
  return keyFor(state, id).split(' ')[0] ?? '';
}

function hint(key: string, title: string): readonly Span[] {
  return [[key, 'key'], ' ', [title, 'muted']];
}
