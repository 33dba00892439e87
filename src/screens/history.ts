/** What has scrolled out of a pane: its lines as tmux keeps them, as text with SGR sequences. */

/** Prints every line there is, oldest first: in one command, as a pane may be resized between two. */
export function historyCommand(pane: string): readonly string[] {
  return ['capture-pane', '-p', '-e', '-S', '-', '-E', '-', '-t', pane];
}

// DEC Special Graphics, from ` to ~: what SO switches to (xterm's ctlseqs; terminfo acsc).
const GRAPHICS = '◆▒␉␌␍␊°±␤␋┘┐┌└┼⎺⎻─⎼⎽├┤┴┬│≤≥π≠£·';

/** The answer as lines that each stand for themselves: in tmux's, colours carry over from line to line. */
export function readHistory(answer: readonly string[]): readonly string[] {
  const lines = standAlone(answer);
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
