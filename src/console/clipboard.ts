/** The clipboard of the person's terminal, by OSC 52 (xterm's ctlseqs). What agents made is harmless before it is there. */
import { neutralise } from '../model/text.ts';

/** Bytes of text; more is refused by many terminals, and nobody wants half of it. */
const MOST = 74_000;

/** What to write so that the terminal takes `text`; undefined when it is too much for terminals. */
export function toClipboard(text: string): string | undefined {
  const bytes = Buffer.from(neutralise(text));
  return bytes.length > MOST ? undefined : `\x1b]52;c;${bytes.toString('base64')}\x07`;
}
