/** What the palette offers for what has been typed: commands and agents, best first. */
import type { Command } from './commands/command.ts';
import { offered as offeredLooks } from './looks.ts';
import type { ConsoleState } from './state.ts';
import { agents } from './views.ts';

interface Choice {
  /** A command's id, or `go NAME` for an agent. */
  readonly id: string;
  readonly title: string;
  readonly help: string;
  readonly keys: readonly string[];
  readonly disabled: string | undefined;
}

const MAX_CHOICES = 50;

/** Letters in order, those at the start of words and in a row counting more; 0 when it does not fit at all. */
export function fits(text: string, typed: string): number {
  const hay = text.toLowerCase();
  let score = 1;
  let from = 0;
  for (const letter of typed.toLowerCase().replaceAll(' ', '')) {
    const at = hay.indexOf(letter, from);
    if (at < 0) return 0;
    if (at === from) score += 2;
    if (at === 0 || /[\s.-]/.test(hay[at - 1] ?? '')) score += 3;
    from = at + 1;
  }
  return score;
}

function looks(state: ConsoleState, what: 'layout' | 'theme'): readonly Choice[] {
  return offeredLooks(state.looks, what).map(name => {
    const about = what === 'layout' ? state.looks.layouts[name]?.about : state.looks.themes[name]?.about;
    const title = `${what} ${name}`;
    return { id: title, title, help: about ?? '', keys: [], disabled: undefined };
  });
}

export function choices(state: ConsoleState, commands: readonly Command[], typed: string): readonly Choice[] {
  const offered: Choice[] = [
    ...commands
      // The numbered ones are the agents below.
      .filter(c => c.when.holds(state) && !/^agent\.\d$/.test(c.id) && c.id !== 'look.palette')
      .map(c => ({
        id: c.id,
        title: c.title,
        help: c.help,
        keys: c.keys,
        disabled: c.disabledReason(state),
      })),
    ...agents(state).map((a, n) => ({
      id: `go ${a.id}`,
      title: `go ${a.id}`,
      help: `Show ${a.id} (${a.status}).`,
      keys: commands.find(c => c.id === `agent.${n + 1}`)?.keys ?? [],
      disabled: undefined,
    })),
    ...looks(state, 'layout'),
    ...looks(state, 'theme'),
  ];
  if (typed.trim() === '') return offered.slice(0, MAX_CHOICES);
  return offered
    .map(choice => ({ choice, score: Math.max(fits(choice.title, typed) * 2, fits(choice.id, typed)) }))
    .filter(c => c.score > 0)
    .sort((a, b) => b.score - a.score)
    .map(c => c.choice)
    .slice(0, MAX_CHOICES);
}
