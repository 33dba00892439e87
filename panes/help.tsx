/** Every command, from the one table: its keys, what it does, where, and why not now. */
import { pad, type Row, wrapWords } from '../src/console/cells.ts';
import { GROUPS } from '../src/console/commands/command.ts';
import { COMMANDS } from '../src/console/commands/index.ts';
import type { ConsoleState } from '../src/console/state.ts';
import { modeOf } from '../src/console/views.ts';
import { type Content, page } from './page.tsx';

export const Help = page(content);

function content(state: ConsoleState, w: number): Content {
  const keyWidth = Math.min(20, Math.max(8, Math.floor(w / 5)));
  const titleWidth = Math.min(16, Math.max(8, Math.floor(w / 6)));
  const rows = GROUPS.flatMap((group): readonly Row[] => {
    const commands = COMMANDS.filter(c => c.group === group && !/^agent\.[2-9]$/.test(c.id));
    return [
      [[` ${group}`, 'accent']],
      ...commands.flatMap(c => {
        const keys = c.id === 'agent.1' ? '1 … 9' : c.keys.join('  ');
        const help = c.id === 'agent.1' ? 'Show the first to the ninth agent.' : c.help;
        const why = c.when.holds(state) ? c.disabledReason(state) : undefined;
        const text = `${help} (${c.when.words})${why ? ` Not now: ${why}.` : ''}`;
        return wrapWords(text, Math.max(10, w - keyWidth - titleWidth - 4)).map(
          (line, i): Row => [
            '  ',
            [pad(i === 0 ? keys : '', keyWidth), 'key'],
            [
              pad(i === 0 ? (c.id === 'agent.1' ? 'agents' : c.title) : '', titleWidth),
              why ? 'muted' : 'strong',
            ],
            [line, why ? 'faint' : 'muted'],
          ],
        );
      }),
      [],
    ];
  });
  const title: Row = [
    ['Keys', 'strong'],
    [` in ${modeOf(state)} mode`, 'muted'],
  ];
  return { title, rows };
}
