import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  checkpointText,
  openCheckpoint,
  openNote,
  parseCheckpoint,
  parseVkey,
  signer,
  signNote,
  vkeyOf,
} from '../../src/journal/note.ts';

/** The example of c2sp.org/signed-note. */
const EXAMPLE_VKEY = 'example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k';
const EXAMPLE_NOTE = `This is an example message.

— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=
`;

const by = signer('hms/payments-3f9c01ab', generateKeyPairSync('ed25519').privateKey);
const witness = signer('witness.example/w1', generateKeyPairSync('ed25519').privateKey);
const root = '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328';
const note = signNote(checkpointText({ origin: by.name, size: 8, root }), by);

describe('signed notes', () => {
  it('opens the example of the specification', () => {
    const foo = parseVkey(EXAMPLE_VKEY);
    expect(foo?.name).toBe('example.com/foo');
    expect(foo && openNote(EXAMPLE_NOTE, foo)).toBe('This is an example message.\n');
    expect(foo && vkeyOf(foo)).toBe(EXAMPLE_VKEY);
  });

  it('makes the key id and signature of a known key', () => {
    // RFC 8032 §7.1, test 1: the all-known key pair of Ed25519.
    const seed = '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60';
    const secret = createPrivateKey({
      key: Buffer.from(`302e020100300506032b657004220420${seed}`, 'hex'),
      format: 'der',
      type: 'pkcs8',
    });
    const vkey = vkeyOf(signer('example.com/rfc8032', secret));
    expect(vkey).toMatch(/^example\.com\/rfc8032\+[0-9a-f]{8}\+/);
    expect(Buffer.from(vkey.split('+').slice(2).join('+'), 'base64').toString('hex')).toBe(
      '01d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
    );
  });

  it('opens what it signed, whatever the text, and passes over the signatures of others', () => {
    const line = fc.string({ unit: 'grapheme' }).filter(s => !/[\u0000-\u001f]/.test(s));
    fc.assert(
      fc.property(fc.array(line), lines => {
        const text = `${lines.join('\n')}\n`;
        const signed = signNote(text, by);
        const cosigned = signed + signNote(text, witness).slice(text.length + 1);
        expect(openNote(signed, by)).toBe(text);
        expect(openNote(cosigned, by)).toBe(text);
        expect(openNote(cosigned, witness)).toBe(text);
        expect(openNote(signed, witness)).toBeUndefined();
      }),
    );
  });

  it('opens nothing of which one character was changed', () => {
    fc.assert(
      fc.property(fc.nat({ max: note.length - 1 }), fc.integer({ min: 0x20, max: 0x7e }), (at, code) => {
        const other = String.fromCharCode(code);
        fc.pre(note[at] !== other);
        expect(openNote(note.slice(0, at) + other + note.slice(at + 1), by)).toBeUndefined();
        expect(openNote(note.slice(0, at) + note.slice(at + 1), by)).toBeUndefined();
      }),
      { numRuns: 500 },
    );
  });

  it.each(['', '\n', '\n\n', 'a\n\n', '— \n', `${note}\n`, note.slice(0, -1), `\u0000${note}`])(
    'opens nothing that is no note: %j',
    candidate => {
      expect(openNote(candidate, by)).toBeUndefined();
    },
  );

  it('reads no vkey whose parts do not belong together', () => {
    const good = vkeyOf(by);
    expect(parseVkey(good)?.id).toBe(by.id);
    for (const bad of [
      '',
      'a+b+c',
      good.replace('payments', 'payment'),
      good.replace(/\+.{8}\+/, '+00000000+'),
      `${good}A`,
    ]) {
      expect(parseVkey(bad)).toBeUndefined();
    }
  });

  it('signs under no name that a note cannot hold', () => {
    for (const name of ['', 'a b', 'a+b', 'a\u00a0b']) {
      expect(() => signer(name, by.secret)).toThrow(expect.objectContaining({ code: 'bad-origin' }));
    }
  });
});

describe('checkpoints', () => {
  it('reads the example of the specification', () => {
    expect(
      parseCheckpoint(
        'example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n',
      ),
    ).toEqual({
      origin: 'example.com/behind-the-sofa',
      size: 20852163,
      root: '0ac5186a91863e8e1d90c808014aa89bf5da8e3ee1d9f07630f0378f68f1ab62',
    });
  });

  it('comes back as it was signed, and only under its own name', () => {
    expect(openCheckpoint(note, by)).toEqual({ origin: by.name, size: 8, root });
    const foreign = signNote(checkpointText({ origin: 'hms/other', size: 8, root }), by);
    expect(openCheckpoint(foreign, by)).toBeUndefined();
  });

  it.each([
    'a\n08\nX\n',
    'a\n8\nnot base64\n',
    'a\n-1\n\n',
    'a\n8\n',
    '\n8\nAAAA\n',
    'a\n99999999999999999999\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n',
  ])('refuses %j', text => {
    expect(parseCheckpoint(text)).toBeUndefined();
  });
});
