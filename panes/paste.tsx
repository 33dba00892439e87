/** A paste with line breaks, whole and harmless, before it goes to the agent. */
import { type Row, wrapHard } from '../src/console/cells.ts';
import type { ConsoleState } from '../src/console/state.ts';
import { neutralise, plural } from '../src/model/text.ts';
import { type Content, page } from './page.tsx';

export const Paste = page(content);

function content(state: ConsoleState, w: number): Content {
  const { overlay } = state.ui;
  if (overlay?.kind !== 'paste') return { title: [], rows: [] };
  const lines = overlay.text.replace(/\n$/, '').split('\n');
  const digits = String(lines.length).length;
  const rows = lines.flatMap((line, n) =>
    wrapHard(neutralise(line), w - digits - 3).map(
      (part, i): Row => [
        [i === 0 ? ` ${String(n + 1).padStart(digits)} ` : ' '.repeat(digits + 2), 'faint'],
        [part, 'code'],
      ],
    ),
  );
  const title: Row = [
    [`Paste ${plural(lines.length, 'line')} into ${overlay.agent}?`, 'warn'],
    ['  ⏎', 'key'],
    [overlay.text.endsWith('\n') ? ' sends it, its last line break too' : ' sends it', 'muted'],
  ];
  return { title, rows, esc: 'drops it' };
}
