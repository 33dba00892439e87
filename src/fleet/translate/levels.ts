/** The healing of a fleet file's agents at another level, in the same words, and what the level cannot do with. Pure. */
import type { HealingLevel } from '../../model/healing.ts';
import { type Carried, record } from './carried.ts';

/** What evolution has found, in words of a fleet file. */
export interface Evolved {
  readonly tuning: Readonly<Record<string, number | undefined>>;
  readonly ladder: Readonly<Record<string, readonly string[]>>;
}

const LEVELS: readonly HealingLevel[] = ['basic', 'hybrid', 'evolutionary'];

/**
 * @param healing as it is written: a level alone, or a section
 * @param evolved what an agent at the level evolutionary runs on besides
 */
export function toLevel(healing: unknown, to: HealingLevel, evolved: Evolved): Carried {
  const section = typeof healing === 'string' ? { level: healing } : record(healing);
  const from = LEVELS.find(level => level === section['level']) ?? 'basic';
  const next: Record<string, unknown> = { ...section, level: to };
  const lost: string[] = [];
  if (from === 'evolutionary' && to === 'hybrid') {
    const numbers = { ...evolved.tuning, ...record(section['tuning']) };
    const ladder = { ...evolved.ladder, ...record(section['ladder']) };
    if (Object.keys(numbers).length > 0) next['tuning'] = numbers;
    if (Object.keys(ladder).length > 0) next['ladder'] = ladder;
    lost.push('foresight: only evolutionary acts before something fails');
    lost.push('evolution: the numbers stay as they are now');
  }
  if (to === 'basic' && from !== 'basic') {
    for (const key of ['tuning', 'budget'])
      if (key in next) {
        delete next[key];
        lost.push(`${key}: basic guesses nothing, so there is nothing to tune`);
      }
    lost.push('what is usual and what has helped: basic learns nothing');
    if (from === 'evolutionary') lost.push('foresight and evolution: basic has neither');
    if (section['silence'] === undefined || section['silence'] === 'off')
      lost.push(
        'hangs that hybrid finds by itself: basic notices them with silence, heartbeat or a probe only',
      );
  }
  return { restart: {}, healing: next, lost };
}
