import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Redactor } from '../../src/recording/redact.ts';
import { secretValues } from '../../src/recording/secrets.ts';
import { withFolder } from '../support/scratch.ts';
import { feedIn, outputOf } from './fixture.ts';

const KNOWN = { known: true, patterns: [], values: [] };
const long = (n: number): string => 'aB3dE6gH9jK2mN5pQ8sT1vW4yZ7'.repeat(5).slice(0, n);

/** What stands around a secret, the secret, what follows. None of them is anybody's. */
const SECRETS: readonly (readonly [before: string, secret: string, after: string])[] = [
  ['token ', `ghp_${long(36)}`, ' ok'],
  ['', `github_pat_${long(60)}`, ''],
  ['x=', `glpat-${long(20)}`, '\r\n'],
  ['key: ', `sk-ant-api03-${long(80)}`, ''],
  ['', `AKIA${'ABCDEFGHIJKLMNOP'}`, ' '],
  ['aws_secret_access_key = ', long(40), '\n'],
  ['', `xoxb-${long(24)}`, ''],
  ['', `gho_${long(36)}`, ''],
  ['', `npm_${long(36)}`, ' '],
  ['', `pypi-${long(60)}`, ' '],
  ['', `hf_${long(34)}`, ' '],
  ['', `dckr_pat_${long(27)}`, ' '],
  ['', `AIza${long(35)}`, ' '],
  ['', `gsk_${long(52)}`, ' '],
  ['', `ASIA${'ABCDEFGHIJKLMNOP'}`, ' '],
  ['', `xapp-${long(24)}`, ' '],
  ['', `sk_live_${long(24)}`, ' '],
  ['', `rk_live_${long(24)}`, ' '],
  ['AWS_SECRET_ACCESS_KEY: "', long(40), '"'],
  ['postgres://app:', 'correct-horse', '@db.example.invalid/app'],
  ['Authorization: Bearer ', long(30), '\r\n'],
  ['', `eyJ${long(20)}.eyJ${long(30)}.${long(20)}`, ''],
  ['HMS_TOKEN=', `builder.3.${long(43)}`, '\n'],
];

describe('secrets', () => {
  test.each(SECRETS)('are painted over by their form: %s%s%s', (before, secret, after) => {
    const redactor = new Redactor(KNOWN);
    const text = redactor.clean(before + secret + after);
    expect(text).toBe(before + '*'.repeat(secret.length) + after);
    expect(redactor.count).toBe(1);
  });

  test('a private key goes with its lines, which stay lines', () => {
    const key = `-----BEGIN OPENSSH PRIVATE KEY-----\r\n${long(64)}\r\n${long(20)}\r\n-----END OPENSSH PRIVATE KEY-----`;
    const text = new Redactor(KNOWN).clean(`$ cat key\r\n${key}\r\n$ `);
    expect(text).not.toContain(long(8));
    expect(text.split('\r\n')).toHaveLength(6);
  });

  test('are found under colours, which stay', () => {
    const secret = `ghp_${long(36)}`;
    const coloured = `\u001b[1m${secret.slice(0, 10)}\u001b[32m${secret.slice(10)}\u001b[0m end`;
    expect(new Redactor(KNOWN).clean(coloured)).toBe(
      `\u001b[1m${'*'.repeat(10)}\u001b[32m${'*'.repeat(30)}\u001b[0m end`,
    );
  });

  test('ordinary output stays as it is', () => {
    const redactor = new Redactor({ ...KNOWN, values: ['short', 'a whole passphrase'] });
    const text =
      'risk-based task-runner https://host:8080/a@b 日本 commit 3f9c01ab3f9c01ab3f9c01ab3f9c01ab3f9c01ab short\r\n';
    expect(redactor.clean(text)).toBe(text);
    expect(redactor.count).toBe(0);
  });

  test('values are found whatever characters they are made of', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 6, maxLength: 40 }), value => {
        fc.pre(!/[\u001b\r\n]/.test(value) && value.isWellFormed());
        const text = new Redactor({ known: false, patterns: [], values: [value] }).clean(`a ${value} b`);
        expect(text).toMatch(/^a \*+ b$/u);
      }),
      { examples: [['2f0c-4a1e-88'], ['a.b*c+d?'], ['^$|()[]{}/\\'], ['#&!%=<>,:;`~@\'"']], numRuns: 50 },
    );
  });

  test('of the fleet file: by pattern, and by the values of variables', () => {
    const values = secretValues(
      [
        {
          API_TOKEN: 'hunter2hunter2',
          MONKEY: 'banana-banana',
          PLAIN: 'visible-thing',
          MINE: 'named in the file',
        },
      ],
      { known: true, patterns: [], env: ['MINE'] },
    );
    expect(values).toEqual(['hunter2hunter2', 'named in the file']);
    const redactor = new Redactor({ known: true, patterns: ['CARD-\\d{4}'], values });
    expect(redactor.clean('hunter2hunter2 named in the file CARD-1234 visible-thing')).toBe(
      `${'*'.repeat(14)} ${'*'.repeat(17)} ${'*'.repeat(9)} visible-thing`,
    );
  });

  test('are caught however the output is cut into reads', async () => {
    const values = ['a pass phrase with spaces', 'hunter2hunter2'];
    const all = [...SECRETS.map(([, secret]) => secret), ...values];
    const output = `${SECRETS.map(parts => parts.join('')).join(' \r\n')} ${values.join(' | ')} done `;
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(output.length), { maxLength: 12 }), cuts =>
        withFolder(async folder => {
          const feed = feedIn(folder, { secrets: { known: true, patterns: [], values } });
          const stream = feed.open();
          const ends = [...cuts].sort((a, b) => a - b);
          for (const [n, end] of [...ends, output.length].entries()) {
            feed.print(output.slice(ends[n - 1] ?? 0, end));
            while (stream.pump(feed.now));
          }
          feed.settle(stream);
          stream.close();
          const recorded = outputOf(feed.text('builder.1.cast'));
          expect(recorded).toHaveLength(output.length);
          for (const secret of all) expect(recorded).not.toContain(secret);
        }),
      ),
      { numRuns: 80 },
    );
  });
});
