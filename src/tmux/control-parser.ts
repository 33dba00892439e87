/**
 * The lines of tmux control mode (`tmux -C`), as bytes come in, turned into events. Pure: the same bytes give the
 * same events however they are cut. The protocol is described in tmux(1), CONTROL MODE; read with its source
 * (control.c, control-notify.c, cmd-queue.c of 3.3a) where the manual is silent.
 */

/** Something tmux said. */
export type ControlEvent =
  /** A program in a pane wrote these bytes. `age`: how long tmux held them back, ms (0 without pause-after). */
  | { readonly type: 'output'; readonly pane: string; readonly bytes: Uint8Array; readonly age: number }
  /** The answer to one command. `own`: one that came in on this connection, not from a hook. */
  | { readonly type: 'reply'; readonly own: boolean; readonly ok: boolean; readonly lines: readonly string[] }
  /** tmux stopped sending this pane: we read too slowly. What it writes meanwhile is not sent later. */
  | { readonly type: 'pause'; readonly pane: string }
  | { readonly type: 'continue'; readonly pane: string }
  /** tmux ends the connection; why, or ''. */
  | { readonly type: 'exit'; readonly reason: string }
  /** Any other notification: `window-add`, `layout-change`, `subscription-changed`, … and the rest of its line. */
  | { readonly type: 'notice'; readonly name: string; readonly text: string }
  /** A line that is no notification: a hook's error message goes out like this. */
  | { readonly type: 'stray'; readonly text: string }
  /** The stream cannot be trusted any more: the end of an answer that never began, a line beyond all bounds. */
  | { readonly type: 'broken'; readonly reason: string };

interface ControlParser {
  push(chunk: Uint8Array): void;
}

/** Bytes of one line; far above anything tmux sends. */
const MAX_LINE = 256 << 20;
const LF = 0x0a;
const BACKSLASH = 0x5c;

/** Calls `emit` for every event, in order, before `push` returns. */
export function controlParser(emit: (event: ControlEvent) => void): ControlParser {
  let pieces: Buffer[] = [];
  let held = 0;
  let block: { readonly ending: string; readonly own: boolean; readonly lines: string[] } | undefined;

  const inBlock = (open: NonNullable<typeof block>, line: Buffer): void => {
    const text = line.toString('utf8');
    // Only the exact counterpart of %begin ends a block: text of an agent may well look like another one.
    const ok = text === `%end ${open.ending}`;
    if (!ok && text !== `%error ${open.ending}`) {
      open.lines.push(text);
      return;
    }
    block = undefined;
    emit({ type: 'reply', own: open.own, ok, lines: open.lines });
  };

  const line = (bytes: Buffer): void => {
    if (block) {
      inBlock(block, bytes);
      return;
    }
    const begin = /^%begin ((\d+) (\d+) (\d+))$/.exec(bytes.length < 80 ? bytes.toString('latin1') : '');
    if (begin?.[1] !== undefined) {
      block = { ending: begin[1], own: begin[4] === '1', lines: [] };
      return;
    }
    emit(notification(bytes));
  };

  return {
    push(chunk) {
      let rest = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
      for (let at = rest.indexOf(LF); at >= 0; at = rest.indexOf(LF)) {
        const end = rest.subarray(0, at);
        rest = rest.subarray(at + 1);
        if (held === 0) {
          line(end);
        } else {
          const whole = Buffer.concat([...pieces, end]);
          pieces = [];
          held = 0;
          line(whole);
        }
      }
      if (rest.length === 0) return;
      pieces.push(rest);
      held += rest.length;
      if (held > MAX_LINE) {
        pieces = [];
        held = 0;
        emit({ type: 'broken', reason: `a line of more than ${MAX_LINE} bytes` });
      }
    },
  };
}

function notification(line: Buffer): ControlEvent {
  if (line[0] !== 0x25) return { type: 'stray', text: line.toString('utf8') };
  const space = line.indexOf(0x20);
  const name = line.toString('latin1', 1, space < 0 ? line.length : space);
  const rest = space < 0 ? line.subarray(line.length) : line.subarray(space + 1);
  switch (name) {
    case 'output': {
      const cut = rest.indexOf(0x20);
      if (cut < 0) return { type: 'output', pane: rest.toString('latin1'), bytes: new Uint8Array(0), age: 0 };
      return {
        type: 'output',
        pane: rest.toString('latin1', 0, cut),
        bytes: unescapeOctal(rest.subarray(cut + 1)),
        age: 0,
      };
    }
    case 'extended-output': {
      // `%1 250 : data`; later versions may put more fields before the colon.
      const colon = rest.indexOf(' : ');
      const head = rest.toString('latin1', 0, colon < 0 ? rest.length : colon).split(' ');
      const bytes = colon < 0 ? new Uint8Array(0) : unescapeOctal(rest.subarray(colon + 3));
      return { type: 'output', pane: head[0] ?? '', bytes, age: Number(head[1] ?? 0) || 0 };
    }
    case 'pause':
    case 'continue':
      return { type: name, pane: rest.toString('latin1') };
    case 'exit':
      return { type: 'exit', reason: rest.toString('utf8') };
    case 'end':
    case 'error':
      return {
        type: 'broken',
        reason: `an answer ended that had not begun: ${line.toString('utf8', 0, 80)}`,
      };
    default:
      return { type: 'notice', name, text: rest.toString('utf8') };
  }
}

/**
 * Undoes tmux's escaping: bytes below 0x20 and the backslash come as `\ooo`, three octal digits; all others as they
 * are. A backslash that is not followed by three octal digits stands for itself.
 */
export function unescapeOctal(escaped: Buffer): Uint8Array {
  let from = escaped.indexOf(BACKSLASH);
  if (from < 0) return escaped;
  const plain = Buffer.allocUnsafe(escaped.length);
  let to = escaped.copy(plain, 0, 0, from);
  while (from < escaped.length) {
    const byte = escaped[from] ?? 0;
    const octal = byte === BACKSLASH ? octalAt(escaped, from + 1) : -1;
    plain[to++] = octal >= 0 ? octal : byte;
    from += octal >= 0 ? 4 : 1;
  }
  return plain.subarray(0, to);
}

function octalAt(bytes: Buffer, at: number): number {
  let value = 0;
  for (let i = at; i < at + 3; i++) {
    const digit = (bytes[i] ?? 0) - 0x30;
    if (digit < 0 || digit > 7) return -1;
    value = value * 8 + digit;
  }
  return value <= 0xff ? value : -1;
}
