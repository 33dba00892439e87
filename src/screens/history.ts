/** What has scrolled out of a pane: its lines as tmux keeps them, as text with SGR sequences. */

/** Lines asked for in one command: within one answer colours carry over from line to line. */
const CHUNK = 500;
/** More lines than tmux is told to keep (history-limit); what is older stays in tmux. */
const MOST = 20_000;

/** The question before the lines can be asked for: how many there are. */
export function extentCommand(pane: string): readonly string[] {
  return ['display-message', '-p', '-t', pane, '#{history_size}|#{pane_height}'];
}

/** Commands for every line of history and screen, oldest first; undefined when there is no such pane. */
export function historyCommands(
  pane: string,
  extent: readonly string[],
): readonly (readonly string[])[] | undefined {
  const [size, height] = (extent[0] ?? '').split('|').map(Number);
  if (size === undefined || height === undefined || !(height > 0)) return undefined;
  const commands: (readonly string[])[] = [];
  for (let from = -Math.min(size, MOST); from < height; from += CHUNK) {
    const to = Math.min(height, from + CHUNK) - 1;
    commands.push(['capture-pane', '-p', '-e', '-t', pane, '-S', String(from), '-E', String(to)]);
  }
  return commands;
}

// DEC Special Graphics, from ` to ~: what SO switches to (xterm's ctlseqs; terminfo acsc).
const GRAPHICS = '◆▒␉␌␍␊°±␤␋┘┐┌└┼⎺⎻─⎼⎽├┤┴┬│≤≥π≠£·';

/** The answers as lines that each stand for themselves. */
export function readHistory(blocks: readonly (readonly string[])[]): readonly string[] {
  const lines = blocks.flatMap(standAlone);
  // Below what a program has written there is nothing to look at.
  let end = lines.length;
  while (end > 1 && bare(lines[end - 1] ?? '') === '') end--;
  return lines.slice(0, end);
}

const PIECE = /\x1b\[([\d;:]*)m|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|[\x0e\x0f]|[^\x1b\x0e\x0f]+|\x1b/g;

function standAlone(lines: readonly string[]): readonly string[] {
  const look = new Map<string, string>();
  let graphics = false;
  return lines.map(line => {
    let out = look.size === 0 ? '' : `\x1b[${[...look.values()].join(';')}m`;
    for (const [piece, parameters] of line.matchAll(PIECE)) {
      if (parameters !== undefined) {
        change(look, parameters.split(';'));
        out += piece;
      } else if (piece === '\x0e' || piece === '\x0f') graphics = piece === '\x0e';
      else if (!piece.startsWith('\x1b'))
        out += graphics ? piece.replace(/[`-~]/g, c => GRAPHICS[c.charCodeAt(0) - 0x60] ?? c) : piece;
    }
    return out;
  });
}

/** What a code switches off, by the first code of what was switched on. */
const OFF: Readonly<Record<string, readonly string[]>> = {
  '22': ['1', '2'],
  '23': ['3'],
  '24': ['4', '21'],
  '25': ['5'],
  '27': ['7'],
  '28': ['8'],
  '29': ['9'],
  '39': ['38'],
  '49': ['48'],
  '55': ['53'],
  '59': ['58'],
};

/** The look after an SGR sequence, as the codes that make it up; the sixteen colours stand under 38 and 48. */
function change(look: Map<string, string>, codes: readonly string[]): void {
  for (let i = 0; i < codes.length; i++) {
    const code = codes[i] ?? '';
    const [first = ''] = code.split(':');
    if (code === '' || code === '0') look.clear();
    else if (OFF[code]) for (const on of OFF[code]) look.delete(on);
    else if (['38', '48', '58'].includes(code)) {
      const length = codes[i + 1] === '2' ? 5 : 3;
      look.set(code, codes.slice(i, i + length).join(';'));
      i += length - 1;
    } else if (/^(?:3|9)\d$/.test(code)) look.set('38', code);
    else if (/^(?:4|10)\d$/.test(code)) look.set('48', code);
    else look.set(first, code);
  }
}

/** A line without its colours. */
export function bare(line: string): string {
  return line.replace(/\x1b\[[\d;:]*m/g, '').trimEnd();
}
