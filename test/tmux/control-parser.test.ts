import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type ControlEvent, controlParser, unescapeOctal } from '../../src/tmux/control-parser.ts';

function parse(...chunks: readonly Uint8Array[]): ControlEvent[] {
  const events: ControlEvent[] = [];
  const parser = controlParser(event => events.push(event));
  for (const chunk of chunks) parser.push(chunk);
  return events;
}

const text = (s: string) => Buffer.from(s, 'utf8');

/** As tmux escapes what a program wrote (control.c, control_append_data). */
function escaped(bytes: Uint8Array): Buffer {
  const out: number[] = [];
  for (const byte of bytes) {
    if (byte < 0x20 || byte === 0x5c) out.push(...Buffer.from(`\\${byte.toString(8).padStart(3, '0')}`));
    else out.push(byte);
  }
  return Buffer.from(out);
}

describe('control-mode lines', () => {
  test('output of a pane comes back byte for byte, invalid UTF-8 too', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), bytes => {
        const events = parse(Buffer.concat([text('%output %7 '), escaped(bytes), text('\n')]));
        expect(events).toHaveLength(1);
        expect(events[0]).toMatchObject({ type: 'output', pane: '%7' });
        if (events[0]?.type === 'output') expect(Buffer.from(events[0].bytes)).toEqual(Buffer.from(bytes));
      }),
    );
  });

  test('the same stream gives the same events however it is cut', () => {
    const line = fc.oneof(
      fc.uint8Array({ maxLength: 40 }).map(bytes => Buffer.concat([text('%output %1 '), escaped(bytes)])),
      fc
        .uint8Array({ maxLength: 40 })
        .map(bytes => Buffer.concat([text('%extended-output %2 31 : '), escaped(bytes)])),
      fc
        .constantFrom(
          '%begin 17 3 1\none\n%end 17 3 1',
          '%begin 17 4 1\nno such thing\n%error 17 4 1',
          '%begin 17 5 0\n%end 17 4 1\n%output %1 x\n%end 17 5 0',
          '%window-add @3',
          '%pause %1',
          '%continue %1',
          '%exit server exited',
          '%exit',
          "can't find window",
          '',
          '%end 1 2 3',
        )
        .map(text),
    );
    const stream = fc
      .array(line, { maxLength: 12 })
      .map(lines => Buffer.concat(lines.flatMap(l => [l, text('\n')])));
    fc.assert(
      fc.property(stream, fc.array(fc.nat({ max: 400 }), { maxLength: 12 }), (bytes, cuts) => {
        const points = [...new Set(cuts.filter(cut => cut < bytes.length))].sort((a, b) => a - b);
        const chunks = [0, ...points].map((from, i) => bytes.subarray(from, points[i] ?? bytes.length));
        const single = Array.from(bytes, byte => Uint8Array.of(byte));
        expect(plain(parse(...chunks))).toEqual(plain(parse(bytes)));
        expect(plain(parse(...single))).toEqual(plain(parse(bytes)));
      }),
    );
  });

  test('an answer ends only with the counterpart of its own beginning', () => {
    const events = parse(text('%begin 17 9 1\n%end 17 8 1\n%error 17 9 0\n%begin 17 9 1\n%end 17 9 1\n'));
    expect(events).toEqual([
      { type: 'reply', own: true, ok: true, lines: ['%end 17 8 1', '%error 17 9 0', '%begin 17 9 1'] },
    ]);
  });

  test('an answer of a hook is told from our own', () => {
    expect(parse(text('%begin 1 2 0\n%end 1 2 0\n'))).toEqual([
      { type: 'reply', own: false, ok: true, lines: [] },
    ]);
  });

  test('notifications are named, with the rest of their line', () => {
    expect(
      parse(
        text(
          '%layout-change @1 9f9e,50x10,0,0,1 9f9e,50x10,0,0,1 *\n%sessions-changed\n%subscription-changed d $0 @1 1 %1 : é\n',
        ),
      ),
    ).toEqual([
      { type: 'notice', name: 'layout-change', text: '@1 9f9e,50x10,0,0,1 9f9e,50x10,0,0,1 *' },
      { type: 'notice', name: 'sessions-changed', text: '' },
      { type: 'notice', name: 'subscription-changed', text: 'd $0 @1 1 %1 : é' },
    ]);
  });

  test('paused output carries its age', () => {
    const [event] = parse(text('%extended-output %12 1500 : a : b\n'));
    expect(event).toMatchObject({ type: 'output', pane: '%12', age: 1500 });
    expect(event?.type === 'output' && Buffer.from(event.bytes).toString()).toBe('a : b');
  });

  test('the end of an answer that never began breaks the trust in the stream', () => {
    expect(parse(text('%end 1 2 1\n'))[0]?.type).toBe('broken');
  });

  test('ten megabytes on one line arrive whole, in any pieces', () => {
    const size = 10 << 20;
    const bytes = Buffer.alloc(size, 'x');
    const whole = Buffer.concat([text('%output %1 '), bytes, text('\n%pause %1\n')]);
    const chunks: Uint8Array[] = [];
    for (let at = 0; at < whole.length; at += 65_521) chunks.push(whole.subarray(at, at + 65_521));
    const [output, pause] = parse(...chunks);
    expect(output?.type === 'output' && output.bytes.length).toBe(size);
    expect(pause).toEqual({ type: 'pause', pane: '%1' });
  });

  test('a backslash that escapes nothing stands for itself', () => {
    expect(Buffer.from(unescapeOctal(text('a\\9\\400\\07\\\\101'))).toString()).toBe('a\\9\\400\\07\\A');
  });
});

/** Bytes as arrays, so that a Buffer and a Uint8Array compare by what is in them. */
function plain(events: readonly ControlEvent[]): unknown {
  return events.map(event =>
    event.type === 'output' ? { ...event, bytes: Array.from(event.bytes) } : event,
  );
}
