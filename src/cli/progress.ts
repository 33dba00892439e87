/** A line that says how far something is, on stderr: rewritten in a terminal, left out elsewhere. */
import { stripVTControlCharacters } from 'node:util';

interface Progress {
  /** What it is at: the next one takes its place. */
  show(words: string): void;
  /** What stays. */
  note(words: string): void;
  end(): void;
}

export function progress({ isTTY = false, columns = 80 } = process.stderr): Progress {
  const write = (text: string): void => void process.stderr.write(text);
  const clear = isTTY ? '\r\u001b[K' : '';
  return {
    show: words => {
      if (isTTY) write(`${clear}${stripVTControlCharacters(words).slice(0, columns - 1)}`);
    },
    note: words => write(`${clear}${stripVTControlCharacters(words)}\n`),
    end: () => write(clear),
  };
}
