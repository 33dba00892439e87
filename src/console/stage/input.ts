/**
 * What a terminal sends while a person is on stage, told apart: keys, the reserved key, pastes, the mouse, and what the
 * terminal itself answers to tmux. Pure; reads may end anywhere. Sequences after ECMA-48 and xterm's ctlseqs.
 */
import { PASTE_END, PASTE_START } from '../keys.ts';
import { type ReplyKind, replyKind } from './replies.ts';
import type { ReservedKey } from './reserved.ts';

export type Piece =
  | { readonly is: 'keys'; readonly bytes: Buffer }
  | { readonly is: 'reserved' }
  /** Without its brackets. `whole` is false when it was too long to be kept. */
  | { readonly is: 'paste'; readonly bytes: Buffer; readonly whole: boolean }
  | { readonly is: 'mouse'; readonly bytes: Buffer; readonly pressed: boolean }
  | { readonly is: 'focus'; readonly bytes: Buffer }
  | { readonly is: 'reply'; readonly kind: ReplyKind; readonly bytes: Buffer };

export interface StageInput {
  /** Bytes of a sequence that is not complete, one character each. */
  readonly pending: string;
  /** What came since the start of a paste, or null outside one. */
  readonly pasting: string | null;
}

export const NO_INPUT: StageInput = { pending: '', pasting: null };

/** Bytes of a paste that are kept. */
export const MAX_PASTE = 1 << 20;
/** A sequence longer than this is none. */
const MAX_SEQUENCE = 4096;

const ESC = 0x1b;
const CSI = /\x1b\[([0-?]*)([ -/]*)([@-~])/y;
const CSI_PART = /\x1b(?:\[[0-?]*[ -/]*)?$/y;
const STRING = /\x1b[\]P][^\x07\x1b]*(?:\x07|\x1b\\)/y;
const STRING_PART = /\x1b[\]P][^\x07\x1b]*\x1b?$/y;
/** The beginning of an answer that no person types. */
const ANSWER_PART = /^\x1b(?:\](?:1[0-2]|4);|P[>!]\||\[[?>]\d)/;
/** A mouse report of the old kind: three bytes after the `M`. */
const OLD_MOUSE = /\x1b\[M[\s\S]{3}/y;
const OLD_MOUSE_PART = /\x1b\[M[\s\S]{0,2}$/y;

/** The pieces in `chunk`, after what was pending. */
export function readInput(
  { pending, pasting }: StageInput,
  chunk: Buffer,
  reserved: ReservedKey,
): { readonly input: StageInput; readonly pieces: readonly Piece[] } {
  // What nearly every keystroke is: nothing to look for.
  if (pending === '' && pasting === null && !chunk.includes(ESC) && !chunk.includes(reserved.byte))
    return { input: NO_INPUT, pieces: chunk.length > 0 ? [{ is: 'keys', bytes: chunk }] : [] };
  // On its own it was pressed, whatever a paste that never ended says.
  if (pasting !== null && chunk.length === 1 && chunk[0] === reserved.byte)
    return { input: NO_INPUT, pieces: [{ is: 'reserved' }] };
  return new Reading(pending + chunk.toString('latin1'), pasting, reserved).read();
}

/**
 * Nothing followed for a while: what is pending was keys, the Escape key first of all; half an answer of the terminal is
 * nothing. A paste goes on waiting.
 */
export function flushInput({ pending, pasting }: StageInput): {
  readonly input: StageInput;
  readonly pieces: readonly Piece[];
} {
  const pieces = pending === '' || ANSWER_PART.test(pending) ? [] : [keys(pending)];
  return { input: { pending: '', pasting }, pieces };
}

/** How long to wait for the rest of what is pending, ms: answers of a terminal come over slow lines too. */
export function patience({ pending }: StageInput): number {
  // So do brackets around a paste, of which nothing must be taken for keys. Nobody types as far as `ESC [ 2` in time.
  return ANSWER_PART.test(pending) || /^\x1b\[\d/.test(pending) ? 500 : 25;
}

class Reading {
  readonly #text: string;
  readonly #reserved: ReservedKey;
  readonly #pieces: Piece[] = [];
  #pasting: string | null;
  #at = 0;
  /** Where the keys begin that are not a piece yet. */
  #from = 0;

  constructor(text: string, pasting: string | null, reserved: ReservedKey) {
    this.#text = text;
    this.#pasting = pasting;
    this.#reserved = reserved;
  }

  read(): { input: StageInput; pieces: readonly Piece[] } {
    while (this.#at < this.#text.length) {
      if (this.#pasting !== null) {
        if (!this.#paste(this.#pasting)) return this.#done('');
        continue;
      }
      const code = this.#text.charCodeAt(this.#at);
      if (code === this.#reserved.byte) this.#piece({ is: 'reserved' }, 1);
      else if (code !== ESC) this.#at++;
      else if (!this.#sequence()) {
        const rest = this.#text.slice(this.#at);
        this.#keysUntil(this.#at);
        return this.#done(rest);
      }
    }
    this.#keysUntil(this.#at);
    return this.#done('');
  }

  #done(pending: string): { input: StageInput; pieces: readonly Piece[] } {
    return { input: { pending, pasting: this.#pasting }, pieces: this.#pieces };
  }

  /** Reads on to the end of a paste; false when it has not come. */
  #paste(before: string): boolean {
    const all = before + this.#text.slice(this.#at);
    const end = all.indexOf(PASTE_END);
    if (end < 0) {
      // Too long to keep: a part, so that it is known, and its tail, in which the end may have begun.
      this.#pasting =
        all.length > MAX_PASTE * 2 ? all.slice(0, MAX_PASTE + 1) + all.slice(-PASTE_END.length) : all;
      return false;
    }
    this.#at = this.#text.length - (all.length - end - PASTE_END.length);
    this.#from = this.#at;
    this.#pasting = null;
    const whole = end <= MAX_PASTE;
    this.#pieces.push({ is: 'paste', bytes: bytesOf(whole ? all.slice(0, end) : ''), whole });
    return true;
  }

  /** One sequence from an ESC on; false when the rest of it has not come. */
  #sequence(): boolean {
    const rest = this.#text.length - this.#at;
    if (this.#text.startsWith(PASTE_START, this.#at)) {
      this.#keysUntil(this.#at);
      this.#at += PASTE_START.length;
      this.#from = this.#at;
      this.#pasting = '';
      return true;
    }
    const held = this.#reserved.sequences.find(s => this.#text.startsWith(s, this.#at));
    if (held !== undefined) return this.#piece({ is: 'reserved' }, held.length);
    if (rest <= MAX_SEQUENCE && (this.#matches(OLD_MOUSE_PART) || this.#matches(STRING_PART))) return false;
    const old = this.#matches(OLD_MOUSE);
    if (old) {
      const button = old[0].charCodeAt(3) - 32;
      return this.#piece({ is: 'mouse', bytes: bytesOf(old[0]), pressed: isPress(button) }, old[0].length);
    }
    const found = this.#matches(CSI) ?? this.#matches(STRING);
    if (found) return this.#whole(found[0]);
    if (rest <= MAX_SEQUENCE && this.#matches(CSI_PART)) return false;
    // Escape, or Alt with a key: both are keys, and what follows is looked at by itself.
    this.#at += 1;
    return true;
  }

  #whole(sequence: string): boolean {
    const bytes = bytesOf(sequence);
    if (sequence === '\x1b[I' || sequence === '\x1b[O')
      return this.#piece({ is: 'focus', bytes }, bytes.length);
    const mouse = /^\x1b\[<(\d+);\d+;\d+([Mm])$/.exec(sequence);
    if (mouse) {
      const pressed = mouse[2] === 'M' && isPress(Number(mouse[1]));
      return this.#piece({ is: 'mouse', bytes, pressed }, bytes.length);
    }
    const kind = replyKind(sequence);
    if (kind !== undefined) return this.#piece({ is: 'reply', kind, bytes }, bytes.length);
    // A string that is no answer: with Alt-] and Alt-P it is all keys. Only its first byte is taken, as above.
    this.#at += sequence[1] === '[' ? sequence.length : 1;
    return true;
  }

  #matches(form: RegExp): RegExpExecArray | null {
    form.lastIndex = this.#at;
    return form.exec(this.#text);
  }

  #piece(piece: Piece, length: number): true {
    this.#keysUntil(this.#at);
    this.#pieces.push(piece);
    this.#at += length;
    this.#from = this.#at;
    return true;
  }

  #keysUntil(end: number): void {
    if (end > this.#from) this.#pieces.push(keys(this.#text.slice(this.#from, end)));
    this.#from = end;
  }
}

/** A button went down or the wheel turned; not a move, not a release. */
function isPress(button: number): boolean {
  return (button & 32) === 0 && (button & 3) !== 3;
}

function keys(text: string): Piece {
  return { is: 'keys', bytes: bytesOf(text) };
}

function bytesOf(text: string): Buffer {
  return Buffer.from(text, 'latin1');
}
