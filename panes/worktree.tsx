/** What an agent has changed in its own worktree, as a diff that scrolls. */
import type { Row } from '../src/console/cells.ts';
import type { ConsoleState } from '../src/console/state.ts';
import type { Token } from '../src/console/theme.ts';
import { type Content, page } from './page.tsx';

export const Worktree = page(content);

function content(state: ConsoleState): Content {
  const { overlay } = state.ui;
  if (overlay?.kind !== 'worktree') return { title: [], rows: [] };
  const tree = state.fleet.agents[overlay.agent]?.worktree;
  const title: Row = [
    [`${overlay.agent} `, 'strong'],
    [tree ? `${tree.branch} → ${tree.target}  ` : '', 'muted'],
    ['M', 'key'],
    [' merge ', 'muted'],
    ['X', 'key'],
    [' drop', 'muted'],
  ];
  const { lines } = overlay;
  if (lines === null) return { title, rows: [[[' git compares…', 'muted']]] };
  if (lines.length === 0) return { title, rows: [[[' It has changed nothing.', 'muted']]] };
  return { title, rows: lines.map((line): Row => [' ', [line.replaceAll('\t', '    '), tokenOf(line)]]) };
}

/** By how git begins a line: never by colour alone, the + and - stay. */
function tokenOf(line: string): Token {
  if (/^(diff --git|index |new file|deleted file|similarity|rename|\+\+\+ |--- )/.test(line)) return 'strong';
  if (line.startsWith('@@')) return 'info';
  if (line.startsWith('+')) return 'added';
  if (line.startsWith('-')) return 'removed';
  return 'text';
}
