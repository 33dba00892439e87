/** What the shell does itself. */
import type { Rule } from '../call.ts';
import { Options } from '../options.ts';
import type { Arg } from '../shell/expand.ts';
import { each, type Table, tells } from './rules.ts';

function joined(args: readonly Arg[]): Arg {
  return {
    text: args.map(arg => arg.text).join(' '),
    known: args.every(arg => arg.known),
    glob: false,
    from: args.flatMap(arg => arg.from),
  };
}

const evaluate: Rule = call => {
  call.add('inline-code');
  call.runText(joined(call.args));
};

const source: Rule = call => {
  const [file] = call.args;
  if (!file) return;
  if (/^\/dev\/(?:stdin|fd\/0)$/.test(file.text)) {
    if (call.input.is === 'text') call.runner.text(call.input.text, call.scene, { is: 'nothing' });
    else call.add(call.input.is === 'fetched' ? 'remote-code' : 'opaque');
  }
  call.executes(file);
  if (!file.known) call.add('opaque');
};

/** `mapfile -C CODE` runs it for every line. */
const mapfile: Rule = call => {
  const options = call.options({ takes: 'cCdnOsu' });
  call.add('read');
  for (const text of options.values('C')) call.runText(text);
};

/** `alias ls='rm -rf /'`: what the alias would do, read as if it were done. */
const alias: Rule = call => {
  call.add('read');
  for (const arg of call.args) {
    const at = arg.text.indexOf('=');
    if (at < 0) continue;
    call.add('inline-code');
    call.runText({ ...arg, text: arg.text.slice(at + 1) });
  }
};

const trap: Rule = call => {
  const [text, ...signals] = new Options(call.args, { stop: true }).operands;
  call.add('read');
  if (text && signals.length > 0 && text.text !== '-') call.runText(text);
};

export const BUILTINS: Table = {
  ...each(
    'cd pushd popd chdir dirs set unset shift export local declare typeset readonly read return exit break continue umask ulimit getopts let shopt suspend disown bg fg history logout caller whence',
    tells,
  ),
  eval: evaluate,
  ...each('source .', source),
  alias,
  unalias: tells,
  ...each('mapfile readarray', mapfile),
  // -p says which file a name stands for from now on.
  hash: call => call.add(call.args.some(arg => /^-[a-z]*p/.test(arg.text) || !arg.known) ? 'hijack' : 'read'),
  trap,
  ...each('enable bind fc compgen complete compopt emulate autoload zmodload', call =>
    call.add('inline-code'),
  ),
};
