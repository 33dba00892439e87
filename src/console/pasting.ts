/** A paste into the agent on stage: as it is when it is one line, else only once the person has seen it and said yes. */
import { pasteable, plural } from '../model/text.ts';
import { type Happening, type Step, still } from './effects.ts';
import type { Input } from './keys.ts';
import { stageRight } from './stage/rights.ts';
import { type ConsoleState, type Overlay, toast, withUi } from './state.ts';

type Paste = Extract<Overlay, { kind: 'paste' }>;
type Key = Extract<Input, { type: 'key' }>;

/** Bytes the engine takes in one request, where it is the way to the agent. */
const MAX_DRAWN = 90_000;

/** Something was pasted on stage. */
export function pasted(state: ConsoleState, { text, whole }: Extract<Happening, { type: 'pasted' }>): Step {
  if (!whole) return still(toast(state, 'bad', 'the paste is longer than 1 MiB: nothing was pasted'));
  const { fence, why } = stageRight(state);
  if (fence === undefined) return still(toast(state, 'warn', why));
  const safe = pasteable(text);
  if (safe === '') return still(state);
  if (!safe.includes('\n')) return send(state, safe, fence);
  return still(withUi(state, { overlay: { kind: 'paste', agent: state.ui.stage, text: safe, scroll: 0 } }));
}

/** A key while a paste is shown. */
export function inPaste(state: ConsoleState, { text }: Paste, { key, burst }: Key): Step {
  const closed = withUi(state, { overlay: null });
  if (key === 'esc' || key === 'ctrl-c' || key === 'q')
    return still(toast(closed, 'info', 'nothing was pasted'));
  if (key !== 'enter' || burst) return still(state);
  const { fence, why } = stageRight(closed);
  return fence === undefined ? still(toast(closed, 'warn', why)) : send(closed, text, fence);
}

function send(state: ConsoleState, text: string, fence: number): Step {
  if (state.realStage || Buffer.byteLength(text) <= MAX_DRAWN)
    return { state, effects: [{ do: 'paste', text, fence }] };
  const most = `at most ${plural(MAX_DRAWN / 1000, 'kilobyte')} can be pasted here`;
  return still(toast(state, 'bad', `${most}: nothing was pasted`));
}
