/** Rings the person's terminal, for what they are not looking at. */
import { type Passing, ringing as sequences } from '../notify/escape.ts';
import type { Ringing } from '../protocol/messages.ts';
import { type Step, still } from './effects.ts';
import type { ConsoleState } from './state.ts';

/** Without reports of the focus: a key this lately means that somebody is there, ms. */
const KEY_MS = 30_000;

/** Is somebody before this console, as far as can be told? */
function isWatched({ ui, window, now }: ConsoleState): boolean {
  // Whoever has an agent on stage looks at that agent, and sees of all else a number on the bottom line.
  if (ui.stage !== '') return false;
  return window.focused ?? now - window.keyAt < KEY_MS;
}

/** What follows when the engine wants consoles to ring. */
export function rung(state: ConsoleState, ringing: Ringing): Step {
  if (isWatched(state) && !ringing.test) return still(state);
  return { state, effects: [{ do: 'ring', ringing }] };
}

interface Bell {
  write(text: string): void;
  /** How sequences reach the terminal; asked once, when first needed. */
  passing(): Promise<Passing>;
}

/** Writes what a terminal understands. Never in the middle of something else: one write. */
export function bellOf({ write, passing }: Bell): (ringing: Ringing, fleet: string) => void {
  let known: Promise<Passing> | undefined;
  return ({ channels, text }, fleet) => {
    known ??= passing().catch((): Passing => 'none');
    void known.then(way => write(sequences(channels, `hms ${fleet}`, text, way)));
  };
}
