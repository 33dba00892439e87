import type { Call } from '../call.ts';
import type { ClassName } from '../classes.ts';
import { type OptionShape, Options } from '../options.ts';
import type { Arg } from '../shell/expand.ts';
import { type SubRule, subcommands, type Table } from './rules.ts';

const READS: readonly ClassName[] = ['read'];
const CHANGES: readonly ClassName[] = ['git-change'];
const FETCHES: readonly ClassName[] = ['network', 'git-change'];

/** Reads, unless an option writes a file or runs a program. */
const look: SubRule = (call, args) => {
  const options = optionsOf(call, args, {
    takes: 'GSLOnCU',
    long: ['output', 'open-files-in-pager', 'textconv'],
  });
  call.add('read');
  call.writes(...options.values('output'));
  // Without a value -O uses the pager of the configuration; with one it runs it.
  if (
    options.has('open-files-in-pager') ||
    options.has('ext-diff') ||
    (call.sub === 'grep' && options.has('O'))
  )
    call.add('inline-code');
  const { operands } = options;
  const paths = args.findIndex(arg => arg.text === '--');
  call.reads(...options.attachedPaths);
  call.reads(...(paths >= 0 ? args.slice(paths + 1) : operands.filter(arg => /^[./~]/.test(arg.text))));
};

const push: SubRule = (call, args) => {
  const options = optionsOf(call, args, {
    takes: 'o',
    long: ['repo', 'push-option', 'receive-pack', 'exec'],
  });
  call.add('git-push', 'network');
  if (options.has('receive-pack', 'exec')) call.add('inline-code');
  const forced = options.has(
    'f',
    'd',
    'force',
    'force-with-lease',
    'force-if-includes',
    'mirror',
    'delete',
    'prune',
  );
  if (forced || options.operands.some(arg => /^[+:]/.test(arg.text))) call.add('git-history');
  call.names(...options.operands);
};

/** Some operand or option makes it throw work away. */
function discardsWith(...names: readonly string[]): SubRule {
  return (call, args) => {
    const options = optionsOf(call, args);
    call.add('git-change');
    if (options.has(...names)) call.add('git-discard');
  };
}

const checkout: SubRule = (call, args) => {
  const options = optionsOf(call, args, { takes: 'bB', long: ['orphan', 'conflict'] });
  const creates = options.has('b', 'B', 'orphan', 'track', 't');
  const files =
    args.some(arg => arg.text === '--') ||
    options.operands.some(arg => /^\.{0,2}\//.test(arg.text) || arg.text === '.');
  call.add('git-change');
  if ((files && !creates) || options.has('f', 'force', 'B', 'ours', 'theirs')) call.add('git-discard');
};

const clean: SubRule = (call, args) => {
  const options = optionsOf(call, args, { takes: 'e', long: ['exclude'] });
  if (options.has('n') || options.exact('dry-run')) call.add('read');
  else call.add('git-discard', 'delete');
};

/** Lists without operands or with one of the options; changes otherwise. */
function listsOr(changes: SubRule, ...lists: readonly string[]): SubRule {
  return (call, args) => {
    const options = optionsOf(call, args);
    if (options.operands.length === 0 || options.has(...lists)) {
      // `git branch -D x` has an operand; `git branch --list 'x*'` has one too, and only lists.
      if (
        !options.has(
          'd',
          'D',
          'm',
          'M',
          'f',
          'c',
          'C',
          'delete',
          'move',
          'force',
          'edit-description',
          'unset-upstream',
          'set-upstream-to',
          'u',
        )
      )
        return call.add('read');
    }
    if (typeof changes === 'function') changes(call, args);
    else call.add(...changes);
  };
}

const config: SubRule = (call, args) => {
  const options = optionsOf(call, args, { takes: 'f', long: ['file', 'blob', 'type', 'default'] });
  const [first] = options.operands;
  const changes =
    options.has(
      'unset',
      'unset-all',
      'add',
      'replace-all',
      'rename-section',
      'remove-section',
      'edit',
      'e',
    ) || /^(?:set|unset|edit|rename-section|remove-section)$/.test(first?.text ?? '');
  const reads =
    options.has('get', 'get-all', 'get-regexp', 'list', 'l', 'get-urlmatch', 'get-color', 'get-colorbool') ||
    /^(?:get|list)$/.test(first?.text ?? '') ||
    options.operands.length === 1;
  call.add(reads && !changes ? 'read' : 'persistence');
};

/** `git remote add`, `git stash drop`: a second word decides. */
function second(
  table: Readonly<Record<string, readonly ClassName[]>>,
  none: readonly ClassName[],
  other: readonly ClassName[],
): SubRule {
  return (call, args) => {
    const [word] = new Options(args, { stop: true }).operands;
    if (word) call.sub = `${call.sub} ${word.text}`;
    if (word && !word.known) call.add('opaque');
    call.add(...(word ? (Object.hasOwn(table, word.text) ? (table[word.text] ?? other) : other) : none));
  };
}

function optionsOf(call: Call, args: readonly Arg[], shape: OptionShape = {}): Options {
  const options = new Options(args, shape);
  if (options.unclear) call.add('unclear');
  return options;
}

const SUBS: Readonly<Record<string, SubRule>> = {
  ...Object.fromEntries(
    'status log diff show blame annotate shortlog grep describe rev-parse rev-list ls-files ls-tree cat-file name-rev merge-base for-each-ref show-ref show-branch whatchanged count-objects check-ignore check-attr check-ref-format cherry diff-tree diff-index diff-files range-diff var version help verify-commit verify-tag fsck column stripspace'
      .split(' ')
      .map(name => [name, look] as const),
  ),
  'ls-remote': ['read', 'network'],
  fetch: FETCHES,
  pull: FETCHES,
  clone: (call, args) => {
    call.add('network', 'write');
    const { operands } = optionsOf(call, args, {
      takes: 'bocuj',
      long: ['branch', 'origin', 'config', 'depth', 'template', 'upload-pack', 'reference'],
    });
    call.names(...operands.slice(0, 1));
    call.writes(...operands.slice(1));
    if (
      args.some(
        arg => /^(?:-c|-u|--config|--upload-pack|--template)/.test(arg.text) || /^ext::/.test(arg.text),
      )
    )
      call.add('inline-code');
  },
  ...Object.fromEntries(
    'add commit merge rebase cherry-pick revert init mv notes switch am apply format-patch'
      .split(' ')
      .map(name => [name, CHANGES] as const),
  ),
  switch: discardsWith('f', 'force', 'discard-changes', 'C', 'force-create'),
  commit: CHANGES,
  rebase: (call, args) => {
    call.add('git-change');
    if (args.some(arg => /^(?:-x|--exec)/.test(arg.text))) call.add('inline-code');
  },
  bisect: (call, args) => {
    call.add('git-change');
    if (args[0]?.text === 'run') call.run(args.slice(1));
  },
  push,
  'send-pack': push,
  reset: discardsWith('hard', 'merge'),
  restore: (call, args) => {
    const options = optionsOf(call, args, { takes: 's', long: ['source'] });
    const stagedOnly = options.has('staged', 'S') && !options.has('worktree', 'W');
    call.add('git-change', ...(stagedOnly ? [] : (['git-discard'] as const)));
  },
  checkout,
  clean,
  rm: discardsWith('f', 'force'),
  branch: listsOr(
    discardsWith('d', 'D', 'delete', 'f', 'force', 'M', 'C'),
    'list',
    'l',
    'a',
    'r',
    'v',
    'vv',
    'all',
    'remotes',
    'show-current',
    'contains',
    'no-contains',
    'merged',
    'no-merged',
    'points-at',
  ),
  tag: listsOr(
    discardsWith('d', 'delete', 'f', 'force'),
    'list',
    'l',
    'n',
    'contains',
    'points-at',
    'merged',
  ),
  stash: second(
    { list: ['read'], show: ['read'], drop: ['git-discard'], clear: ['git-discard'] },
    CHANGES,
    CHANGES,
  ),
  reflog: second(
    { show: READS, list: READS, exists: READS, expire: ['git-history'], delete: ['git-history'] },
    READS,
    READS,
  ),
  remote: second(
    { '-v': READS, show: ['read', 'network'], 'get-url': READS, update: FETCHES, prune: FETCHES },
    READS,
    ['persistence'],
  ),
  worktree: second({ list: READS, remove: ['git-discard', 'delete'] }, READS, CHANGES),
  submodule: second({ status: READS, summary: READS, foreach: ['inline-code'] }, READS, [
    'network',
    'git-change',
  ]),
  'filter-branch': ['git-history', 'inline-code'],
  'filter-repo': ['git-history', 'inline-code'],
  'update-ref': ['git-history'],
  'symbolic-ref': CHANGES,
  gc: (call, args) =>
    call.add(
      'git-change',
      ...(args.some(arg => arg.text.startsWith('--prune')) ? (['git-history'] as const) : []),
    ),
  prune: ['git-history'],
  config,
  archive: (call, args) => {
    const options = optionsOf(call, args, {
      takes: 'o',
      long: ['output', 'remote', 'exec', 'format', 'prefix'],
    });
    call.add('read', ...(options.has('remote') ? (['network'] as const) : []));
    call.writes(...options.values('o', 'output'));
  },
  difftool: ['inline-code'],
  mergetool: ['inline-code', 'git-change'],
  'send-email': ['upload', 'network'],
  credential: ['secrets'],
  daemon: ['network', 'service'],
};

const git = subcommands(SUBS, ['program', 'git-change'], {
  takes: 'cC',
  long: ['git-dir', 'work-tree', 'namespace', 'exec-path', 'config-env', 'super-prefix'],
  before(call, options) {
    // Configuration given here can name programs: core.pager, core.sshCommand, alias.x=!…
    if (options.values('c').some(arg => !SAFE_CONFIG.test(arg.text) || !arg.known)) call.add('inline-code');
    if (options.has('exec-path', 'config-env')) call.add('inline-code');
    // These make git start a program for its transport.
    if (call.args.some(arg => /ext::|^--(?:upload-pack|receive-pack|exec)(?:=|$)/.test(arg.text)))
      call.add('inline-code');
    const elsewhere = options.values('C', 'git-dir', 'work-tree');
    call.reads(...elsewhere);
    if (elsewhere.some(arg => !arg.known)) call.add('unclear');
  },
});

const SAFE_CONFIG =
  /^(?:user\.(?:name|email)|color\.[\w.]+|core\.(?:quotepath|autocrlf|pager=(?:cat)?$)|advice\.[\w.]+|init\.defaultbranch|commit\.gpgsign|log\.[\w.]+|diff\.(?:color|renames)[\w.]*)(?:=|$)/i;

/** The GitHub and GitLab command lines: they act on a server. */
const hub = subcommands(
  {
    ...Object.fromEntries(
      'pr issue run workflow release repo gist label project ruleset cache secret variable ssh-key gpg-key mr ci'
        .split(' ')
        .map(name => [
          name,
          second(
            {
              ...Object.fromEntries(
                'list view status checks diff watch'
                  .split(' ')
                  .map(word => [word, ['read', 'network'] as const]),
              ),
              clone: ['network', 'write'],
              checkout: ['network', 'git-change'],
              download: ['network', 'write'],
              delete: ['infra-delete', 'network'],
              merge: ['git-push', 'network'],
            },
            ['read', 'network'],
            name === 'release' ? ['publish', 'network'] : ['upload', 'network'],
          ),
        ]),
    ),
    auth: ['secrets', 'network'],
    api: (call, args) => {
      call.add('network');
      const options = optionsOf(call, args, {
        takes: 'XfFHqt',
        long: ['method', 'field', 'raw-field', 'input', 'header', 'jq'],
      });
      const method = options.values('X', 'method')[0]?.text.toUpperCase();
      const sends = options.has('f', 'F', 'field', 'raw-field', 'input');
      if (method === 'DELETE') call.add('infra-delete');
      else if (sends || (method !== undefined && method !== 'GET')) call.add('upload');
      call.names(...options.operands);
    },
    search: ['read', 'network'],
    browse: ['network'],
    status: ['read', 'network'],
    extension: ['install', 'network'],
  },
  ['network', 'external'],
  { takes: 'R', long: ['repo'] },
);

export const GIT: Table = { git, gh: hub, glab: hub, hub };
