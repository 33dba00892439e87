/** May this person type into the agent on stage just now? Asked of what the engine says, for every key. */
import { modesOf } from '../../model/mode.ts';
import { keyWords } from '../key-names.ts';
import { keyFor, reservedOf } from '../keymap.ts';
import type { ConsoleState } from '../state.ts';
import { keyboardOf, modeOf, roleOf, typing } from '../views.ts';

interface StageRight {
  /** What the agent's keyboard is held under; undefined while nothing may be typed. */
  readonly fence: number | undefined;
  /** Why not, and what would let them: words for the person. '' when they may. */
  readonly why: string;
}

export function stageRight(state: ConsoleState): StageRight {
  const held = typing(state);
  const agent = state.fleet.agents[state.ui.stage];
  if (held && agent?.alive) return { fence: held.fence, why: '' };
  return { fence: undefined, why: `nothing was typed: ${notTyped(state)}` };
}

/** What the reserved key is called. */
export function backKey(state: ConsoleState): string {
  return keyWords(reservedOf(state));
}

/** Why nothing can be typed just now, and what would let it. */
export function notTyped(state: ConsoleState): string {
  const after = (id: string): string => `${backKey(state)} ${keyFor(state, id)}`;
  const agent = state.fleet.agents[state.ui.stage];
  const lease = keyboardOf(state, state.ui.stage);
  if (state.link.is !== 'up') return 'the engine is not connected';
  if (!modesOf(roleOf(state)).includes('collaborate')) return `a ${roleOf(state)} may only look`;
  if (modeOf(state) !== 'collaborate')
    return `${modeOf(state)} mode · ${after('mode.collaborate')} collaborates`;
  if (!agent?.alive) return `${state.ui.stage} is not running`;
  if (!lease) return `nobody holds the keyboard · ${after('agent.keyboard')} takes it`;
  if (lease.session === state.me?.session) return 'something else is asked of you';
  const verb = roleOf(state) === 'lead' ? 'takes it over' : 'asks for it';
  return `${holderOf(state)} holds the keyboard · ${after('agent.keyboard')} ${verb}`;
}

/** Who holds the keyboard of the agent on stage, in a word; '' for nobody. */
export function holderOf(state: ConsoleState): string {
  const lease = keyboardOf(state, state.ui.stage);
  if (!lease) return '';
  return lease.session === state.me?.session ? 'you' : (state.fleet.sessions[lease.session]?.operator ?? '?');
}
