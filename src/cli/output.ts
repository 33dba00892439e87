/** How the command line speaks: results on stdout, everything else on stderr, errors as sentences. */
import { HmsError, wordsOf } from '../model/errors.ts';

export function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

export function printJson(value: unknown): void {
  print(JSON.stringify(value, undefined, process.stdout.isTTY ? 2 : undefined));
}

/** A note for the person, not part of the result. */
export function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** Before a verb in the third person a first word is a name, unless it is one of these. */
const NO_NAMES =
  'anybody|anything|everybody|everything|he|it|neither|nobody|none|nothing|playing|recording|she|somebody|something|that|there|this|what|who';
const NAME_FIRST = new RegExp(
  `^(?!(?:${NO_NAMES})\\b)[a-z][a-z0-9'’-]* (?:asks|can|cannot|could|did|does|had|has|holds|is|may|must|needs|runs|stands|waits|was|will|works|would)\\b`,
);

/** `nobody answers` → `Nobody answers.`; a name, a command to type, a key to press and a branch stay as they are written. */
export function sentence(text: string): string {
  const trimmed = text.trim();
  if (trimmed === '') return '';
  const word = /^(?!hms\b)(a|[a-z][a-z'’-]+)(?=[\s.,:;!?]|$)/.test(trimmed);
  const first =
    word && !NAME_FIRST.test(trimmed) ? trimmed.charAt(0).toUpperCase() + trimmed.slice(1) : trimmed;
  return /[.!?:]$/.test(first) || first.includes('\n') ? first : `${first}.`;
}

/** One sentence of what happened, one of what to do; a stack only with --debug. */
export function explain(error: unknown, debug: boolean): string {
  const lines = [`hms: ${sentence(wordsOf(error))}`];
  if (error instanceof HmsError && error.hint) lines.push(`     ${sentence(error.hint)}`);
  if (debug && error instanceof Error && error.stack) lines.push(error.stack);
  if (!(error instanceof HmsError) && !debug)
    lines.push('     This is a fault of hms-tui itself; --debug shows where.');
  return lines.join('\n');
}

/** Columns aligned by width; the last one is not padded. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [at, cell] of row.entries()) widths[at] = Math.max(widths[at] ?? 0, cell.length);
  }
  return rows
    .map(row =>
      row.map((cell, at) => (at === row.length - 1 ? cell : cell.padEnd(widths[at] ?? 0))).join('  '),
    )
    .join('\n');
}
