/** Commands as tmux reads them, one a line, so that no argument can become anything else than an argument. */
import { HmsError } from '../model/errors.ts';

/**
 * One command line for tmux's own parser (cmd-parse.y). Every argument is double-quoted; what means something
 * inside double quotes (`"`, `\`, `$`, and `~` after the quote) is escaped, control characters are written in octal.
 *
 * @throws HmsError `tmux-text` when an argument contains a NUL character, which tmux cannot carry.
 */
function quoteCommand(argv: readonly string[]): string {
  return argv.map(quote).join(' ');
}

/** Several commands in one line: tmux runs them one after the other, nothing in between, up to the first error. */
export function quoteCommands(commands: readonly (readonly string[])[]): string {
  return commands.map(quoteCommand).join(' ; ');
}

function quote(argument: string): string {
  if (argument.includes('\0')) throw new HmsError('tmux-text', 'A NUL character cannot be given to tmux.');
  // DEL and C1 controls too, although harmless: one rule, nothing invisible in logs.
  const escaped = argument
    .replace(/["\\$~]/g, '\\$&')
    .replace(/[\u0001-\u001f\u007f]/g, char => `\\${char.charCodeAt(0).toString(8).padStart(3, '0')}`);
  return `"${escaped}"`;
}

/** Text for a place where tmux expands formats (`-c`, `-n`, messages): `#` stands for itself, strftime is left out. */
export function literal(text: string): string {
  return text.replaceAll('#', '##');
}
