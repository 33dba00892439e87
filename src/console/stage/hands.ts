/**
 * What a person's hands do while an agent is on stage: keys go to it while the engine says so, one reserved key comes
 * back, and behind that key the console's own commands are in reach. The rest is dropped, and said to be.
 */
import type { Happening } from '../effects.ts';
import { reservedOf } from '../keymap.ts';
import { keyInput, PASTE_END, PASTE_START } from '../keys.ts';
import type { ConsoleState } from '../state.ts';
import { flushInput, NO_INPUT, type Piece, patience, readInput, type StageInput } from './input.ts';
import { type ReservedKey, reservedKey } from './reserved.ts';
import { stageRight } from './rights.ts';

/** How long the reserved key waits for what follows it before it goes back, ms. */
const BACK_MS = 300;
/** Least time between two words about dropped input, ms. */
const HINT_MS = 1000;
/** Printable bytes in one read, with a line break among them, from which on it is a paste without brackets. */
const PASTE_BYTES = 8;

/** Where what is typed goes. */
export interface Sink {
  type(bytes: Buffer, fence: number): void;
  /** What was pasted, its line breaks as \n. */
  paste(text: string, fence: number): void;
  /** What only tmux is to see: its terminal's answers and focus. */
  tell(bytes: Buffer): void;
  /** Did tmux ask for this answer? */
  asked(kind: Extract<Piece, { is: 'reply' }>['kind']): boolean;
}

interface HandsOptions {
  now(): number;
  after(ms: number, run: () => void): () => void;
  act(happening: Happening): void;
  state(): ConsoleState;
  /** Bytes as keys of the console. */
  keys(bytes: Buffer): void;
  /** Undefined while there is none yet: what may be typed is kept for it. */
  sink(): Sink | undefined;
}

export interface Hands {
  read(bytes: Buffer): void;
  /** What was pasted, and said yes to where that was asked. */
  paste(text: string, fence: number): void;
  /** The stage was left or another agent is on it: nothing of before counts. */
  reset(): void;
  /** There is a sink now. */
  flush(): void;
}

export function hands({ now, after, act, state, keys, sink }: HandsOptions): Hands {
  let input: StageInput = NO_INPUT;
  let cancelFlush: (() => void) | undefined;
  let cancelBack: (() => void) | undefined;
  let hinted = Number.NEGATIVE_INFINITY;
  let early: { readonly fence: number; give(to: Sink): void }[] = [];

  const reserved = (): ReservedKey =>
    reservedKey(reservedOf(state())) ?? { key: 'ctrl-\\', byte: 0x1c, sequences: [] };
  const prefix = (to: 'none' | 'back' | 'command'): void => {
    cancelBack?.();
    cancelBack = undefined;
    if (state().ui.prefix !== to) act({ type: 'prefixed', prefix: to, at: now() });
  };

  function read(bytes: Buffer): void {
    cancelFlush?.();
    cancelFlush = undefined;
    const next = readInput(input, bytes, reserved());
    input = next.input;
    for (const piece of unbracketed(next.pieces)) take(piece);
    if (input.pending === '') return;
    cancelFlush = after(patience(input), () => {
      const flushed = flushInput(input);
      input = flushed.input;
      for (const piece of flushed.pieces) take(piece);
    });
  }

  function take(piece: Piece): void {
    const { ui } = state();
    // Left in the middle of a read: what follows was meant for the agent, and is nobody's.
    if (ui.stage === '') return;
    if (piece.is === 'reserved') {
      back();
      return;
    }
    if (ui.overlay !== null || ui.prefix === 'command') {
      ours(piece);
      return;
    }
    if (ui.prefix === 'back') {
      if (piece.is === 'keys') {
        prefix('command');
        ours(piece);
        return;
      }
      // What a terminal sends by itself ends no wait.
    }
    switch (piece.is) {
      case 'keys':
        typed(piece.bytes, true);
        return;
      case 'paste':
        act({ type: 'pasted', text: piece.bytes.toString('utf8'), whole: piece.whole, at: now() });
        return;
      case 'mouse':
        // Only tmux knows whether the agent's program asked for it; drawn, a report would be typed as text.
        if (state().realStage) typed(piece.bytes, piece.pressed);
        return;
      case 'focus':
        sink()?.tell(piece.bytes);
        act({ type: 'focused', focused: piece.bytes.at(-1) === IN, at: now() });
        return;
      case 'reply': {
        const to = sink();
        if (to?.asked(piece.kind)) to.tell(piece.bytes);
      }
    }
  }

  function typed(bytes: Buffer, meant: boolean): void {
    const { fence, why } = stageRight(state());
    if (fence === undefined) {
      // Nobody but the console could mean the brake: it is not lost with the rest.
      if (BRAKE.equals(bytes)) keys(bytes);
      else if (meant) dropped(why);
      return;
    }
    give(fence, to => to.type(bytes, fence));
  }

  /** At once, or as soon as there is somewhere to give it to; in order. */
  function give(fence: number, how: (to: Sink) => void): void {
    const to = sink();
    if (to) how(to);
    else early.push({ fence, give: how });
  }

  function dropped(why: string): void {
    const at = now();
    if (at - hinted < HINT_MS) return;
    hinted = at;
    act({ type: 'noted', tone: 'warn', words: why, at });
  }

  /** The reserved key: goes back unless something follows it; twice, it is sent. */
  function back(): void {
    const { ui } = state();
    if (ui.overlay === null && ui.prefix === 'none') {
      prefix('back');
      cancelBack = after(BACK_MS, leave);
      return;
    }
    if (ui.overlay === null && ui.prefix === 'back') {
      prefix('none');
      typed(Buffer.of(reserved().byte), true);
      return;
    }
    // A question is open, or a command half typed: back means back.
    leave();
  }

  function leave(): void {
    prefix('none');
    if (state().ui.overlay !== null) act({ type: 'input', input: keyInput('esc'), at: now() });
    if (state().ui.stage !== '') act({ type: 'run', command: 'agent.back', at: now() });
  }

  /** For the console itself, one command at a time. */
  function ours(piece: Piece): void {
    const bytes =
      piece.is === 'paste' ? Buffer.concat([START, piece.bytes, END]) : 'bytes' in piece ? piece.bytes : null;
    if (bytes === null || piece.is === 'reply' || piece.is === 'focus') return;
    const answering = state().ui.overlay !== null;
    if (answering || piece.is !== 'keys') {
      keys(bytes);
      return;
    }
    keys(bytes);
    if (state().ui.chord === '') prefix('none');
  }

  return {
    read,
    paste: (text, fence) => give(fence, to => to.paste(text, fence)),
    reset() {
      cancelFlush?.();
      cancelBack?.();
      cancelBack = undefined;
      early = [];
      input = NO_INPUT;
      hinted = Number.NEGATIVE_INFINITY;
    },
    flush() {
      const to = sink();
      const right = stageRight(state());
      const kept = early;
      early = [];
      for (const each of kept) if (to && right.fence === each.fence) each.give(to);
    },
  };
}

/** The letter with which a terminal says that it got the focus. */
const IN = 0x49;
/** F12. */
const BRAKE = Buffer.from('\x1b[24~');
const START = Buffer.from(PASTE_START);
const END = Buffer.from(PASTE_END);

/** Keys that hold a line break and more came faster than fingers: a paste of a terminal that does not say so. */
function unbracketed(pieces: readonly Piece[]): readonly Piece[] {
  return pieces.map(piece => {
    if (piece.is !== 'keys' || piece.bytes.length <= PASTE_BYTES) return piece;
    const text = piece.bytes.toString('latin1');
    const plain = text.replace(/\x1b(?:\[[0-?]*[ -/]*[@-~]|O.|.)/g, '');
    const printable = plain.replace(/[\x00-\x1f\x7f]/g, '').length;
    const several = printable > PASTE_BYTES && /[\r\n][^\r\n]/.test(plain);
    return several ? { is: 'paste', bytes: piece.bytes, whole: true } : piece;
  });
}
