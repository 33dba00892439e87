/** Breakers in the console: which one is chosen, and acts on it by hand. */
import { type BreakerName, BreakerName as Name } from '../model/breaker.ts';
import { type BreakerView, breakerViews } from '../model/breaker-view.ts';
import { type Send, type Step, still } from './effects.ts';
import type { Input } from './keys.ts';
import { type ConsoleState, type Overlay, toast, withUi } from './state.ts';
import { mayNot } from './views.ts';

type Key = Extract<Input, { type: 'key' }>;
type Healing = Extract<Overlay, { kind: 'healing' }>;

/** As they stand on the page. */
export function shownBreakers({ fleet, breakers }: ConsoleState): readonly BreakerView[] {
  return breakerViews(fleet.breakers, breakers.readings);
}

/** The one that keys are about. */
export function chosenBreaker(state: ConsoleState, { breaker }: Healing): BreakerView | undefined {
  const all = shownBreakers(state);
  return all.find(({ name }) => name === breaker) ?? all[0];
}

interface Act {
  readonly request: 'breaker.open' | 'breaker.close' | 'breaker.isolate' | 'breaker.reset';
  readonly title: string;
  /** What happens on yes. */
  readonly detail: string;
}

const ACTS: Readonly<Record<string, Act>> = {
  o: { request: 'breaker.open', title: 'Open', detail: 'it is not called for a while, then once as a trial' },
  c: { request: 'breaker.close', title: 'Close', detail: 'it is called again, and what failed is forgotten' },
  i: {
    request: 'breaker.isolate',
    title: 'Isolate',
    detail: 'it is not called until somebody closes or opens it',
  },
  r: {
    request: 'breaker.reset',
    title: 'Reset',
    detail: 'it is called again, and what was usual is forgotten too',
  },
};

/** Keys of the page that are about breakers; undefined for the others. */
export function inBreakers(state: ConsoleState, overlay: Healing, { key, burst }: Key): Step | undefined {
  const by = { tab: 1, 'shift-tab': -1 }[key];
  if (by !== undefined) return still(choose(state, overlay, by));
  const act = Object.hasOwn(ACTS, key) ? ACTS[key] : undefined;
  if (!act) return undefined;
  const chosen = chosenBreaker(state, overlay);
  const name = Name.safeParse(chosen?.name).data;
  if (!chosen || !name) return still(toast(state, 'warn', 'no breaker was used so far'));
  if (burst) return still(toast(state, 'warn', 'several keys at once look like a paste: nothing was done'));
  const refused = mayNot(state, 'operate');
  if (refused) return still(toast(state, 'warn', refused));
  return still(asked(state, overlay, name, act, key));
}

function choose(state: ConsoleState, overlay: Healing, by: number): ConsoleState {
  const names = shownBreakers(state).map(({ name }) => name);
  const at = names.indexOf(chosenBreaker(state, overlay)?.name ?? '');
  const breaker = names[(at + by + names.length) % Math.max(1, names.length)] ?? '';
  return withUi(state, { overlay: { ...overlay, breaker } });
}

/** The page comes back, whatever is answered. */
function asked(
  state: ConsoleState,
  overlay: Healing,
  breaker: BreakerName,
  { request, title, detail }: Act,
  pressed: string,
): ConsoleState {
  const send: Send = { request, with: { breaker } };
  const back: Overlay = { ...overlay, breaker };
  const ask = { title: `${title} ${breaker}?`, detail, pressed, back, yes: { is: 'send', send } } as const;
  return withUi(state, { overlay: { kind: 'confirm', ask } });
}
