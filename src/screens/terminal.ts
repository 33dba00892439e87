/** A headless terminal that reads what a program wrote, and the few things about it we need to know. */
import xterm from '@xterm/headless';
import { columns } from './widths.ts';

export interface ScreenTerminal {
  readonly terminal: xterm.Terminal;
  /** Whether the program shows its cursor. */
  readonly cursorShown: () => boolean;
}

/** A terminal of that size without scrollback: what has scrolled away is tmux's to keep. */
export function screenTerminal(cols: number, rows: number): ScreenTerminal {
  const terminal = new xterm.Terminal({ cols, rows, scrollback: 0, allowProposedApi: true, logLevel: 'off' });
  terminal.unicode.register(columns);
  terminal.unicode.activeVersion = columns.version;
  let shown = true;
  // The emulator keeps this to itself: listen to what sets it, and let it go on.
  const follow = (value: boolean) => (params: (number | number[])[]) => {
    if (params.includes(25)) shown = value;
    return false;
  };
  terminal.parser.registerCsiHandler({ prefix: '?', final: 'h' }, follow(true));
  terminal.parser.registerCsiHandler({ prefix: '?', final: 'l' }, follow(false));
  const reset = (): boolean => {
    shown = true;
    return false;
  };
  terminal.parser.registerEscHandler({ final: 'c' }, reset);
  terminal.parser.registerCsiHandler({ intermediates: '!', final: 'p' }, reset);
  return { terminal, cursorShown: () => shown };
}
