/**
 * What tmux writes to a stage's terminal, less what would take the terminal out of our hands: the alternate screen and
 * the title stay as the console has them, and brackets around pastes stay on, so that a paste is known as one. Whether
 * the agent wants those brackets is remembered instead.
 */

// Alternate screen, brackets around pastes, title onto and off the stack (xterm's ctlseqs).
const OURS = /\x1b\[(?:\?(?:47|1047|1049|2004)[hl]|2[23];\d;\dt)/g;
/**
 * A sequence or a UTF-8 character that is not complete at the end of a read: kept back, so that what is left out is
 * found, and so that between two writes others can write too (a bell).
 */
const PART =
  /(?:\x1b(?:\[[0-?]*[ -/]*|[\]PX^_][^\x07\x1b]{0,4096}\x1b?|[ -/]*)?|[\xc0-\xdf]|[\xe0-\xef][\x80-\xbf]?|[\xf0-\xf7][\x80-\xbf]{0,2})$/;

interface StageOutput {
  /** What of this read goes to the terminal. A sequence cut by the end of a read comes with the next one. */
  read(chunk: Buffer): Buffer;
  /** The agent asked for brackets around pastes. */
  readonly bracketed: boolean;
}

/** @param onText is shown every read whole, one character a byte, before anything is left out */
export function stageOutput(onText: (text: string) => void): StageOutput {
  let held = '';
  let bracketed = false;
  return {
    read(chunk) {
      const all = held + chunk.toString('latin1');
      const cut = PART.exec(all)?.index ?? all.length;
      held = all.slice(cut);
      const text = all.slice(0, cut);
      onText(text);
      const ours = text.replace(OURS, sequence => {
        if (sequence.startsWith('\x1b[?2004')) bracketed = sequence.endsWith('h');
        return '';
      });
      return ours.length === chunk.length && cut === all.length ? chunk : Buffer.from(ours, 'latin1');
    },
    get bracketed() {
      return bracketed;
    },
  };
}

/**
 * What tmux may have set in the terminal, undone: keypad, mouse, focus, margins, region, cursor's look, characters and
 * colours. Harmless where nothing was set.
 */
export const UNSET =
  '\x1b[?1l\x1b>\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1005l\x1b[?1006l\x1b[?1004l\x1b[?69l\x1b[?12l\x1b[r\x1b[0 q\x1b(B\x1b[0m';
