/** What a terminal is sent to ring. Text in it can end no sequence and begin none. */
import type { ConsoleChannel } from '../model/notifications.ts';
import { oneLine } from '../model/text.ts';

/** Characters of a notification in a terminal. */
const MOST = 200;

/** `wrap`: inside a tmux that passes sequences on to its terminal (`allow-passthrough`). */
export type Passing = 'bare' | 'wrap' | 'none';

/**
 * BEL, OSC 9 (iTerm2, kitty, WezTerm, Windows Terminal, …) and OSC 777 (urxvt, foot, Ghostty, …). Inside tmux the OSC
 * ones are wrapped in its DCS, or left out where it would not pass them on; the bell it passes on itself.
 */
export function ringing(
  channels: readonly ConsoleChannel[],
  title: string,
  text: string,
  passing: Passing,
): string {
  // A text that begins with a digit and a semicolon is another command to OSC 9; the title goes first.
  const [head, body] = [safe(title), safe(text)];
  const osc = (sequence: string): string =>
    passing === 'none'
      ? ''
      : passing === 'wrap'
        ? `\x1bPtmux;${sequence.replaceAll('\x1b', '\x1b\x1b')}\x1b\\`
        : sequence;
  const of: Readonly<Record<ConsoleChannel, string>> = {
    bell: '\x07',
    osc9: osc(`\x1b]9;${head}: ${body}\x07`),
    osc777: osc(`\x1b]777;notify;${head};${body}\x07`),
  };
  return [...new Set(channels)].map(channel => of[channel]).join('');
}

/** `;` parts the fields of OSC 777. */
function safe(text: string): string {
  return oneLine(text, MOST).replaceAll(';', ',');
}
