// biome-ignore-all lint/suspicious/noTemplateCurlyInString: shell text is what is tested
import { execFileSync, spawnSync } from 'node:child_process';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Arg, expandWord } from '../../../src/gate/shell/expand.ts';
import { parseShell } from '../../../src/gate/shell/parse.ts';
import { type Command, literalOf, type Script, ShellSyntaxError } from '../../../src/gate/shell/syntax.ts';
import { commandsOf } from '../../../src/gate/shell/walk.ts';

/** Shells differ on a ~ beside quotes, which braces may bring there, and after a =; the gate takes it for the home directory. */
const TILDE_BY_QUOTE = /=.*~|["'$\\](?:\\\n)*~|~(?:\\\n)*["'\\$]|^(?=.*~)(?=.*\{)(?=.*["'$\\])/s;
const bash = spawnSync('bash', ['--version']).status === 0;

/** First words of every simple command, in the order written. */
function programs(text: string): (string | undefined)[] {
  return [...commandsOf(parseShell(text))].flatMap(({ command }) => first(command));
}

function first(command: Command): (string | undefined)[] {
  return command.is === 'simple' && command.words[0] ? [literalOf(command.words[0])] : [];
}

function args(script: Script): readonly Arg[] {
  const [command] = script[0] ?? [];
  if (command?.is !== 'simple') throw new Error('not one simple command');
  return command.words.flatMap(word => expandWord(word, '/home/me', new Map()));
}

function refused(text: string): boolean {
  try {
    parseShell(text);
    return false;
  } catch (error) {
    if (error instanceof ShellSyntaxError) return true;
    throw error;
  }
}

describe('what would run', () => {
  it.each([
    ['ls; rm x && cat y || echo z & id', ['ls', 'rm', 'cat', 'echo', 'id']],
    ['ls | rm x |& cat', ['ls', 'rm', 'cat']],
    ['echo $(rm x) `id` "$(who)"', ['echo', 'rm', 'id', 'who']],
    ['cat <(rm x) >(id)', ['cat', 'rm', 'id']],
    ['echo ${x:-$(rm y)} "${z:=`id`}"', ['echo', 'rm', 'id']],
    ['echo $((1 + $(rm y)))', ['echo', 'rm']],
    ['a=$(rm x) b=(1 $(id)) ls', ['ls', 'rm', 'id']],
    ['if a; then b; elif c; then d; else e; fi', ['a', 'b', 'c', 'd', 'e']],
    ['while a; do b; done; until c; do d; done', ['a', 'b', 'c', 'd']],
    ['for i in $(a); do b; done; for ((i=0; i<$(c); i++)); do d; done', ['a', 'b', 'c', 'd']],
    [
      'for ((;;)); do a; done; echo $(($x * (2 + y[1]) + z++)); ((i--)); echo $((rm -rf /)) $((rm a b))',
      ['a', 'echo', 'echo', 'rm', 'rm'],
    ],
    ['case $(a) in x|y) b;; (z) c;; *) ;; esac', ['a', 'b', 'c']],
    ['(a; b); { c; }; ! d; time -p e', ['a', 'b', 'c', 'd', 'e']],
    ['f() { a; }; function g { b; }; f', ['a', 'b', 'f']],
    ['[[ -f x && $(a) == b* ]] && ((x = $(c))) ; coproc d', ['a', 'c', 'd']],
    ['cat <<E\n$(a)\nE\nb', ['cat', 'a', 'b']],
    ['cat <<-E\n\t$(a)\n\tE\nb', ['cat', 'a', 'b']],
    ["cat <<'E'\n$(a)\nE\nb", ['cat', 'b']],
    ['cat <<< "$(a)" > $(b)', ['cat', 'a', 'b']],
    ['echo "it\'s" # rm x\nls # rm y', ['echo', 'ls']],
    ['r\\\nm x', ['rm']],
    ['echo a &\\\n& rm x', ['echo', 'rm']],
    ['declare -a x=(1 $(a)); export y=$(b)', ['declare', 'a', 'export', 'b']],
    ['$((a; b); c)', [undefined, 'a', 'b', 'c']],
  ])('%s', (text, expected) => {
    expect(programs(text)).toEqual(expected);
  });

  it('takes quotes away from the name of a program', () => {
    expect(programs(`r""m; r\\m; 'rm'; "r"m; $'rm'; $'\\x72m'; $"rm"`)).toEqual(Array(7).fill('rm'));
  });

  it.each([
    'echo "x',
    "echo 'x",
    'echo `x',
    'echo $(x',
    'echo ${x',
    '(a',
    'a)',
    '{ a',
    'if a; then b',
    'fi',
    'a;;',
    'a | | b',
    'a &&',
    '&& a',
    'cat <<E\nx',
    'a\0b',
    '{ }',
    'for in x; do a; done',
    'echo ${x@P}',
    'echo ${ rm; }',
    'echo $[1+1]',
    'ls !(x)',
    'echo "${x:-\'}"',
    'cat <<E $(\nls)\nE\n',
    'cat <<E\nfoo\\\nE\nE\n',
    'echo (x)',
    '=(',
    "echo $'\\c?'",
  ])('is not sure about %j', text => {
    expect(refused(text)).toBe(true);
  });

  it('ends on texts made to be read for ever', () => {
    for (const text of [
      '$((',
      '((',
      '$(',
      '`',
      '"$(',
      '${x:-',
      '<<A ',
      '{ ',
      'a=(',
      '[[ ',
      'case x in x) ',
    ]) {
      expect(refused(text.repeat(Math.floor(32_000 / text.length) | 1)), text).toBe(true);
    }
  });
});

describe.skipIf(!bash)('compared with bash', () => {
  const token = fc.constantFrom(
    'a',
    'b c',
    ' ',
    ' ',
    '\n',
    ';',
    '&',
    '|',
    '&&',
    '(',
    ')',
    '{ ',
    ' }',
    '"',
    "'",
    '\\',
    '$',
    '`',
    '$(',
    '${x',
    '}',
    '$((',
    '))',
    '<',
    '>',
    '<<E',
    '\nE\n',
    'E',
    '#',
    '!',
    '[[ ',
    ' ]]',
    'if ',
    'then ',
    'fi',
    'for ',
    'in ',
    'do ',
    'done',
    'case ',
    'esac',
    ';;',
    '=',
    'x=',
    '*',
    '~',
    '-',
    '\t',
  );

  it('accepts nothing that bash refuses', () => {
    const arbitrary = fc.array(token, { maxLength: 14 }).map(tokens => tokens.join(''));
    fc.assert(
      fc.property(arbitrary, text => {
        if (text.startsWith('-') || refused(text)) return;
        // -n reads without running.
        const { status, stderr } = spawnSync('bash', ['-n', '-c', text], {
          encoding: 'utf8',
          env: { LC_ALL: 'C' },
        });
        expect(status, `${JSON.stringify(text)}: ${stderr}`).toBe(0);
      }),
      { numRuns: 600 },
    );
  });

  it('makes the same arguments of quotes, escapes, braces and tildes', () => {
    const piece = fc.constantFrom(
      'a',
      'b',
      '"',
      "'",
      '\\',
      ' ',
      '  ',
      '{',
      '}',
      ',',
      '..',
      '1',
      '3',
      '~',
      '/',
      '=',
      '"a b"',
      "'c d'",
      '\\ ',
      '{a,b}',
      '{1..3}',
      '""',
      '.',
      '-',
      '\\\n',
      "$'\\t'",
      "$'\\x41'",
      '$"x"',
    );
    const texts = fc
      .sample(fc.array(piece, { maxLength: 8 }), 1500)
      .map(pieces => pieces.join(''))
      .filter(text => !refused(`: ${text}`) && !TILDE_BY_QUOTE.test(text));
    // Every word list is printed by a function of its own, so that one bash serves all of them.
    const script = texts.map(text => `p ${text}\n`).join('');
    const output = execFileSync('bash', ['-s'], {
      input: `p() { printf '%s\\0' "$@" $'\\x01'; }\n${script}`,
      env: { HOME: '/home/me', LC_ALL: 'C' },
      maxBuffer: 1 << 26,
    });
    const said = output
      .toString()
      .split('\u0001\0')
      .slice(0, -1)
      .map(line => line.split('\0').slice(0, -1));
    expect(said.length).toBe(texts.length);
    expect(texts.length).toBeGreaterThan(300);
    // A quoted ~ is written ./~ by us, so that it cannot be taken for the home directory.
    const plain = (word: string): string => word.replace(/^\.\/~/, '~');
    let compared = 0;
    texts.forEach((text, at) => {
      const ours = args(parseShell(`: ${text}`)).slice(1);
      if (!ours.every(arg => arg.known)) return;
      compared++;
      expect(
        ours.map(arg => plain(arg.text)),
        JSON.stringify(text),
      ).toEqual(said[at]?.map(plain));
    });
    expect(compared / texts.length).toBeGreaterThan(0.9);
  });
});
