import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  decode,
  flush,
  type Input,
  NEW_DECODER,
  PASTE_END,
  PASTE_START,
  patience,
} from '../../src/console/keys.ts';

/** All inputs of these reads, one after the other. */
function read(...chunks: string[]): Input[] {
  let decoder = NEW_DECODER;
  const inputs: Input[] = [];
  for (const chunk of chunks) {
    const decoded = decode(decoder, chunk);
    decoder = decoded.decoder;
    inputs.push(...decoded.inputs);
  }
  return inputs;
}

const names = (inputs: readonly Input[]): string[] =>
  inputs.map(i => (i.type === 'key' ? i.key : `paste:${i.text}`));

describe('one key', () => {
  test.each([
    ['a', 'a'],
    ['G', 'G'],
    ['?', '?'],
    [' ', 'space'],
    ['é', 'é'],
    ['👍', '👍'],
    ['\r', 'enter'],
    ['\n', 'ctrl-j'],
    ['\t', 'tab'],
    ['\x7f', 'backspace'],
    ['\x03', 'ctrl-c'],
    ['\x1c', 'ctrl-\\'],
    ['\x1b[A', 'up'],
    ['\x1bOA', 'up'],
    ['\x1b[Z', 'shift-tab'],
    ['\x1b[3~', 'delete'],
    ['\x1b[6~', 'pagedown'],
    ['\x1b[24~', 'f12'],
    ['\x1bOP', 'f1'],
    ['\x1b[1;5C', 'ctrl-right'],
    ['\x1b[1;3D', 'alt-left'],
    ['\x1bb', 'alt-b'],
    ['\x1b\r', 'alt-enter'],
  ])('%j is %s', (bytes, key) => {
    const [input, ...rest] = read(bytes);
    expect(rest).toEqual([]);
    expect(input).toMatchObject({ type: 'key', key, burst: false });
  });

  test('a sequence that comes in pieces is one key', () => {
    expect(names(read('\x1b', '[', '1', ';5', 'C'))).toEqual(['ctrl-right']);
  });

  test('a lone ESC waits, and is the Escape key once nothing followed', () => {
    const { decoder, inputs } = decode(NEW_DECODER, '\x1b');
    expect(inputs).toEqual([]);
    expect(names(flush(decoder).inputs)).toEqual(['esc']);
    expect(flush(flush(decoder).decoder).inputs).toEqual([]);
  });

  test('what terminals answer or send on their own is no key', () => {
    expect(
      read(
        '\x1b[I',
        '\x1b[O',
        '\x1b[?62;c',
        '\x1b[12;40R',
        '\x1b[<0;10;10m',
        '\x1b]11;rgb:00/00/00\x07',
        '\x1bP1$r0m\x1b\\',
      ),
    ).toEqual([]);
  });
});

/** What the mouse did in these reads. */
function pointed(...chunks: string[]): string[] {
  let decoder = NEW_DECODER;
  return chunks.flatMap(chunk => {
    const decoded = decode(decoder, chunk);
    decoder = decoded.decoder;
    expect(decoded.inputs).toEqual([]);
    return decoded.pointed.map(p => `${p.gesture} ${p.x},${p.y}`);
  });
}

describe('the mouse', () => {
  test.each([
    ['\x1b[<0;1;1M', ['click 0,0']],
    ['\x1b[<64;200;50M', ['wheel-up 199,49']],
    ['\x1b[<65;3;4M', ['wheel-down 2,3']],
    ['\x1b[<16;3;4M', ['click 2,3']],
    ['\x1b[<0;3;4M\x1b[<0;3;4m', ['click 2,3']],
    ['\x1b[<64;1;1M\x1b[<64;1;1M', ['wheel-up 0,0', 'wheel-up 0,0']],
  ])('%j', (bytes, what) => expect(pointed(bytes)).toEqual(what));

  test.each([
    ['another button', '\x1b[<1;3;4M\x1b[<2;3;4M'],
    ['a release', '\x1b[<0;3;4m'],
    ['a move', '\x1b[<32;3;4M\x1b[<35;3;4M'],
    ['the wheel sideways', '\x1b[<66;3;4M'],
    ['Shift, which selects text', '\x1b[<4;3;4M'],
    ['no place', '\x1b[<0;0;4M\x1b[<0;3M\x1b[<0;;M\x1b[<;3;4M'],
    ['numbers without end', `\x1b[<0;${'9'.repeat(50)};4M`],
    ['urxvt’s way', '\x1b[32;3;4M'],
    ['the old way, whatever its three characters are', '\x1b[M aa\x1b[M#\ry'],
  ])('%s is nothing', (_, bytes) => expect(pointed(bytes)).toEqual([]));

  test('reports cut anywhere are whole again, and no part of them is ever a key', () => {
    const reports = '\x1b[<0;12;7M\x1b[<65;120;44M\x1b[M aa';
    for (let a = 1; a < reports.length; a++) {
      for (let b = a; b < reports.length; b++) {
        const chunks = [reports.slice(0, a), reports.slice(a, b), reports.slice(b)];
        expect(pointed(...chunks)).toEqual(['click 11,6', 'wheel-down 119,43']);
      }
    }
  });

  test('a report whose rest comes late is still no keys', () => {
    for (const [first, rest] of [
      ['\x1b', '[<0;12;7M'],
      ['\x1b[', '<0;12;7M'],
    ] as const) {
      const waited = flush(decode(NEW_DECODER, first).decoder).decoder;
      const { inputs, pointed: found } = decode(waited, rest);
      expect(inputs, first).toEqual([]);
      expect(found).toMatchObject([{ gesture: 'click', x: 11, y: 6 }]);
    }
    expect(patience(decode(NEW_DECODER, '\x1b').decoder)).toBeLessThan(50);
    expect(patience(decode(NEW_DECODER, '\x1b[<0').decoder)).toBeGreaterThan(500);
    const after = flush(decode(NEW_DECODER, '\x1b').decoder).decoder;
    expect(names([...decode(after, 'a').inputs])).toEqual(['a']);
  });

  test('a key beside a report is a key pressed alone', () => {
    expect(read('\x1b[<64;1;1Ma')).toEqual([{ type: 'key', key: 'a', text: 'a', burst: false }]);
  });
});

describe('a paste', () => {
  test('in brackets is one paste, never keys, even one letter long', () => {
    expect(names(read(`${PASTE_START}a${PASTE_END}`))).toEqual(['paste:a']);
  });

  test('that comes in pieces is one paste, and keys after it are keys again', () => {
    expect(names(read('\x1b[20', '0~ap', 'prove\r', '\x1b[201', '~', 'j'))).toEqual(['paste:approve\r', 'j']);
  });

  test('without brackets is recognised by its length', () => {
    expect(names(read('make all\ry\r'))).toEqual(['paste:make all\ny\n']);
  });

  test('of two keys in one read marks both as a burst', () => {
    expect(read('ay').map(i => i.type === 'key' && i.burst)).toEqual([true, true]);
  });

  test('that never ends does not grow without end', () => {
    let decoder = decode(NEW_DECODER, PASTE_START).decoder;
    for (let i = 0; i < 100; i++) decoder = decode(decoder, 'x'.repeat(10_000)).decoder;
    expect(decoder.pasting?.length).toBeLessThan(200_000);
    expect(names(decode(decoder, `${PASTE_END}q`).inputs).at(-1)).toBe('q');
  });
});

test('however the bytes are cut into reads, text inside paste brackets never becomes a key', () => {
  const pasted = fc.string({
    unit: fc.constantFrom('a', 'y', 'd', '\r', '\x1b', '[', '2', '0', 'é'),
    maxLength: 40,
  });
  fc.assert(
    fc.property(pasted, fc.array(fc.nat({ max: 60 }), { maxLength: 6 }), (text, cuts) => {
      fc.pre(!text.includes(PASTE_END) && !`${text}${PASTE_END}`.slice(0, -1).includes(PASTE_END));
      const bytes = `${PASTE_START}${text}${PASTE_END}`;
      const at = [...new Set(cuts.map(c => c % bytes.length))].sort((a, b) => a - b);
      const chunks = [0, ...at].map((from, i) => bytes.slice(from, at[i] ?? bytes.length));
      const inputs = read(...chunks);
      expect(inputs.filter(i => i.type === 'key')).toEqual([]);
      expect(inputs.map(i => (i.type === 'paste' ? i.text : '')).join('')).toBe(text);
    }),
  );
});

test('whatever comes in, decoding ends, and every key has a name', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'binary', maxLength: 12 }), { maxLength: 8 }), chunks => {
      const inputs = read(...chunks);
      for (const input of inputs) expect(input.type === 'paste' || input.key !== '').toBe(true);
    }),
  );
});
