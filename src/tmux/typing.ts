/** Putting text and keys into a pane, and never silently into nothing. */
import { HmsError } from '../model/errors.ts';
import type { PaneId } from '../model/ids.ts';
import { pasteable } from '../model/text.ts';
import type { Link } from './link.ts';

/** Bytes in one send-keys command. */
const CHUNK = 1024;
/**
 * Between a paste and the Enter that sends it, ms. A program that gets both in one read may take the Enter for a
 * part of what was pasted.
 */
const ENTER_MS = 30;

export class Typing {
  readonly #link: Link;
  /** What is being typed, by pane: two texts for one pane must not mix. */
  readonly #busy = new Map<PaneId, Promise<void>>();
  #buffers = 0;

  constructor(link: Link) {
    this.#link = link;
  }

  /** See TmuxServer.sendText. */
  text(pane: PaneId, text: string, enter: boolean): Promise<void> {
    return this.#inTurn(pane, async () => {
      await this.#ready(pane);
      const safe = pasteable(text);
      if (safe !== '') await this.#paste(pane, safe);
      if (!enter) return;
      if (safe !== '') await new Promise(resolve => setTimeout(resolve, ENTER_MS));
      await this.#link.command(['send-keys', '-t', pane, 'Enter']);
    });
  }

  /** See TmuxServer.sendBytes. */
  bytes(pane: PaneId, bytes: Uint8Array): Promise<void> {
    return this.#inTurn(pane, async () => {
      await this.#ready(pane);
      for (let at = 0; at < bytes.length; at += CHUNK) {
        const hex = Array.from(bytes.subarray(at, at + CHUNK), byte => byte.toString(16).padStart(2, '0'));
        await this.#link.command(['send-keys', '-t', pane, '-H', ...hex]);
      }
    });
  }

  /** The text goes over the connection, not over a command line: nobody sees it with ps. */
  async #paste(pane: PaneId, text: string): Promise<void> {
    this.#buffers += 1;
    const buffer = `hms-${process.pid}-${this.#buffers}`;
    try {
      await this.#link.batch([
        ['set-buffer', '-b', buffer, '--', text],
        ['paste-buffer', '-p', '-d', '-b', buffer, '-t', pane],
      ]);
    } catch (error) {
      await this.#link.command(['delete-buffer', '-b', buffer]).catch(() => {});
      throw error;
    }
  }

  /** tmux drops what is typed into a dead or locked pane without a word, and copy mode eats it: look first. */
  async #ready(pane: PaneId): Promise<void> {
    const look = [
      'display-message',
      '-p',
      '-t',
      pane,
      '#{pane_id}|#{pane_dead}|#{pane_input_off}|#{pane_in_mode}',
    ];
    const [line = ''] = await this.#link.command(look);
    const [id, dead, off, modes] = line.split('|');
    if (id !== pane) throw new HmsError('pane-gone', `There is no pane ${pane} any more.`);
    if (dead === '1')
      throw new HmsError('pane-dead', `The program in pane ${pane} has ended; it cannot be typed to.`);
    if (off === '1') {
      throw new HmsError(
        'input-off',
        `Input to pane ${pane} is switched off.`,
        'switch it on: tmux select-pane -e',
      );
    }
    for (let left = Number(modes) || 0; left > 0; left--) {
      // Somebody scrolled back. Out of the mode already is as good.
      await this.#link.command(['send-keys', '-t', pane, '-X', 'cancel']).catch(() => {});
    }
  }

  #inTurn(pane: PaneId, work: () => Promise<void>): Promise<void> {
    const before = this.#busy.get(pane) ?? Promise.resolve();
    const mine = before.then(work, work);
    const settled = mine.catch(() => {});
    this.#busy.set(pane, settled);
    void settled.then(() => {
      if (this.#busy.get(pane) === settled) this.#busy.delete(pane);
    });
    return mine;
  }
}
