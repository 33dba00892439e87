/** Who a target means: names, patterns, kinds and draws, against the fleet as it is. */
import { CELL_NAMES } from '../model/cell-names.ts';
import { HmsError } from '../model/errors.ts';
import { sample } from './random.ts';

export interface TargetAgent {
  readonly id: string;
  readonly driver: string;
  readonly alive: boolean;
}

/** What of the fleet can be meant. */
export interface TargetView {
  readonly agents: readonly TargetAgent[];
}

/** Everything but agents that can be named. */
const PLACES: readonly string[] = ['engine', 'tmux', ...CELL_NAMES.map(cell => `cell:${cell}`)];

/** Is it a word whose meaning is only known when the fleet is? Else it names something by itself. */
function isDraw(target: string): boolean {
  return /^random(?::\d+)?$/.test(target);
}

/** What is wrong with how it is written, whatever fleet it is for; undefined when nothing is. */
export function targetProblem(target: string): string | undefined {
  if (PLACES.includes(target) || isDraw(target) || target === 'all') return undefined;
  if (target.startsWith('cell:')) return `there is no cell ${target.slice(5)}`;
  const pattern = target.replace(/^driver:/, '');
  if (/^[a-z0-9*?-]{1,64}$/.test(pattern)) return undefined;
  return `${JSON.stringify(target)} names no agent`;
}

/** Targets as people may write them, for hints. */
export const TARGET_FORMS =
  'an agent, a pattern such as build*, driver:claude, all, random, random:2, engine, tmux, cell:status';

/**
 * Names of what is meant, each once, agents in the order of the fleet. Only agents that run are meant by a pattern or
 * a draw. Throws HmsError `unknown-target` or `nothing-to-break`.
 */
export function resolveTargets(
  wanted: readonly string[],
  { agents }: TargetView,
  random: () => number,
): readonly string[] {
  const running = agents.filter(({ alive }) => alive);
  const meant = wanted.flatMap((target): readonly string[] => {
    if (PLACES.includes(target)) return [target];
    if (target === 'all') return running.map(({ id }) => id);
    if (isDraw(target)) {
      const count = Number(target.split(':')[1] ?? 1);
      return sample(running, count, random).map(({ id }) => id);
    }
    if (target.startsWith('driver:')) {
      const fits = globOf(target.slice('driver:'.length));
      return running.filter(({ driver }) => fits(driver)).map(({ id }) => id);
    }
    if (/[*?]/.test(target)) return running.filter(({ id }) => globOf(target)(id)).map(({ id }) => id);
    const agent = agents.find(({ id }) => id === target);
    if (!agent)
      throw new HmsError(
        'unknown-target',
        `there is no agent ${target}`,
        `the agents are ${agents.map(({ id }) => id).join(', ')}; or ${TARGET_FORMS}`,
      );
    if (!agent.alive)
      throw new HmsError(
        'nothing-to-break',
        `${target} is not running`,
        `start it: hms agent start ${target}`,
      );
    return [target];
  });
  if (meant.length === 0)
    throw new HmsError('nothing-to-break', `no running agent is meant by ${wanted.join(', ')}`, 'hms status');
  const order = [...agents.map(({ id }) => id), ...PLACES];
  return [...new Set(meant)].sort((a, b) => order.indexOf(a) - order.indexOf(b));
}

/** How many agents may be hit at once: the share, one at least. */
export function mostTargets(running: number, percent: number): number {
  return Math.max(1, Math.floor((running * percent) / 100));
}

/** `*` any text, `?` any character. */
export function globOf(pattern: string): (text: string) => boolean {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replace(/\*/g, '.*')
    .replace(/\?/g, '.');
  const shape = new RegExp(`^${source}$`, 'u');
  return text => shape.test(text);
}
