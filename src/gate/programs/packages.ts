/** Package managers, build tools and test runners: they run the project's code, or fetch and run other people's. */
import type { Call, Rule } from '../call.ts';
import type { ClassName } from '../classes.ts';
import { Options } from '../options.ts';
import type { Arg } from '../shell/expand.ts';
import { each, readsFiles, type SubRule, subcommands, type Table } from './rules.ts';

const INSTALLS: readonly ClassName[] = ['install', 'network'];
const TELLS: readonly ClassName[] = ['read'];
const ASKS: readonly ClassName[] = ['read', 'network'];
const RUNS: readonly ClassName[] = ['code'];
const PUBLISHES: readonly ClassName[] = ['publish', 'network', 'upload'];
const WRITES: readonly ClassName[] = ['write'];

function table(
  ...rows: readonly (readonly [names: string, rule: SubRule])[]
): Readonly<Record<string, SubRule>> {
  return Object.fromEntries(
    rows.flatMap(([names, rule]) => names.split(' ').map(name => [name, rule] as const)),
  );
}

/** `npm run deploy`: which script it is belongs to what it is. */
const runsScript: SubRule = (call, args) => {
  const [script] = new Options(args, { stop: true }).operands;
  call.add(script ? 'code' : 'read');
  if (script) call.sub = `${call.sub} ${script.text}`;
  if (script && !script.known) call.add('opaque');
};

/** npx and its like fetch what is not there and run it. */
const fetchesAndRuns: SubRule = (call, args) => {
  const options = new Options(args, { takes: 'pc', long: ['package', 'call'], stop: true });
  const [program] = options.operands;
  call.add('code', 'install', 'network');
  if (program) call.names(program);
  for (const text of options.values('c', 'call')) call.runText(text);
  if (program) call.run(options.operands);
};

const npm = subcommands(
  table(
    [
      'install i add ci update upgrade up rebuild link dedupe prune uninstall remove rm un install-test it install-ci-test cit',
      INSTALLS,
    ],
    ['ls list ll why explain root prefix bin help query fund completion doctor', TELLS],
    ['view info show search outdated audit ping whoami repo docs bugs', ASKS],
    ['run run-script rum urn', runsScript],
    ['test t tst start stop restart build lint format', RUNS],
    ['exec x dlx create init', fetchesAndRuns],
    ['publish unpublish deprecate dist-tag access owner team', PUBLISHES],
    ['login logout adduser token profile', ['secrets', 'network']],
    ['config set', ['persistence']],
    ['version pkg pack cache shrinkwrap patch', WRITES],
  ),
  RUNS,
  { takes: 'C', long: ['prefix', 'cwd', 'dir', 'filter', 'workspace', 'registry', 'loglevel'] },
);

const yarn: Rule = call => {
  // Plain `yarn` installs.
  if (call.args.every(arg => arg.text.startsWith('-') && arg.known)) call.add(...INSTALLS);
  else npm(call);
};

const pip = subcommands(
  table(
    ['install download wheel uninstall', INSTALLS],
    ['list freeze show check help debug inspect hash', TELLS],
    ['search index', ASKS],
    ['config cache', ['persistence']],
  ),
  INSTALLS,
  { long: ['python', 'proxy', 'cert', 'log'] },
);

const python = subcommands(
  table(
    ['add remove install sync lock update self tool python pip upgrade cache', INSTALLS],
    [
      'run',
      (call, args) =>
        call.run(
          new Options(args, { long: ['with', 'python', 'project', 'env-file'], takes: 'p', stop: true })
            .operands,
        ),
    ],
    ['tree show version export check', TELLS],
    ['publish', PUBLISHES],
    ['build new init venv', RUNS],
  ),
  RUNS,
);

const cargo = subcommands(
  table(
    ['build b check c test t run r bench doc clippy fix miri nextest watch expand', RUNS],
    ['fmt clean new init', WRITES],
    ['tree metadata version help locate-project pkgid verify-project read-manifest', TELLS],
    ['search info', ASKS],
    ['install uninstall update add remove fetch vendor generate-lockfile', INSTALLS],
    ['publish yank owner login logout', PUBLISHES],
  ),
  RUNS,
  { takes: 'CZ', long: ['config', 'color', 'manifest-path'] },
);

const go = subcommands(
  table(
    ['build test run generate vet tool', RUNS],
    ['version list doc env help', TELLS],
    ['get install mod work', INSTALLS],
    ['fmt clean fix', WRITES],
  ),
  RUNS,
  { takes: 'C' },
);

const system = subcommands(
  table(
    [
      'list show search info policy depends rdepends madison showpkg cat which leaves deps outdated desc home doctor config provides repolist repoinfo check-update history query help',
      ASKS,
    ],
    [
      'remove purge autoremove uninstall erase rm zap del autoclean clean',
      ['install', 'system-path', 'delete'],
    ],
  ),
  ['install', 'network', 'system-path'],
  { takes: 'otc', oneDash: false },
);

const pacman: Rule = call => {
  const [first] = call.args;
  const tells = first !== undefined && /^-(?:Q|Ss|Si|Sg|F)/.test(first.text);
  call.add(...(tells ? ASKS : (['install', 'network', 'system-path'] as const)));
};

const brew = subcommands(
  table(
    [
      'list ls info search outdated deps uses leaves config doctor desc cat home log --version --prefix',
      ASKS,
    ],
    ['services', ['service', 'persistence']],
  ),
  INSTALLS,
);

/** make, just, task …: the recipe is the project's own. */
const recipe: Rule = call => {
  const options = new Options(call.args, {
    takes: 'CfIjlo',
    long: ['directory', 'file', 'makefile', 'jobs', 'eval', 'justfile', 'taskfile', 'set'],
  });
  call.add('code');
  if (options.unclear) call.add('unclear');
  const targets = options.operands.filter(arg => !/^\w+[:+?]?=/.test(arg.text));
  call.sub = targets
    .map(arg => arg.text)
    .join(' ')
    .slice(0, 80);
  if (targets.some(arg => !arg.known)) call.add('opaque');
  if (options.has('eval', 'E') || call.args.some(arg => /^(?:SHELL|MAKEFLAGS)=|\$\(shell/.test(arg.text)))
    call.add('inline-code');
  call.reads(...options.values('f', 'file', 'makefile', 'C', 'directory', 'justfile'));
};

const runsProject: Rule = call => {
  call.add('code');
  call.names(...call.args.filter((arg: Arg) => !arg.known));
};

/** Linters and type checkers only read, unless told to fix. They load the project's plugins all the same. */
function checks(...fixing: readonly string[]): Rule {
  return (call: Call) => {
    const options = call.options();
    call.add('code');
    if (options.has(...fixing)) call.add('write');
  };
}

export const PACKAGES: Table = {
  ...each('npm pnpm bun', npm),
  ...each('yarn yarnpkg', yarn),
  ...each('npx pnpx bunx uvx pipx', call => fetchesAndRuns(call, call.args)),
  ...each('pip pip3', pip),
  ...each('uv poetry pdm rye hatch pipenv', python),
  conda: pip,
  cargo,
  go,
  ...each('gem bundle bundler composer cpan luarocks cabal stack opam mix rebar3 sbt', call => {
    call.sub = call.args[0]?.text ?? '';
    if (/^(?:list|show|search|info|outdated|which|env|--version)$/.test(call.sub)) call.add(...ASKS);
    else if (/^(?:push|publish|hex\.publish|yank)$/.test(call.sub)) call.add(...PUBLISHES);
    else if (/^(?:exec)$/.test(call.sub)) call.run(call.args.slice(1));
    else call.add('install', 'network', 'code');
  }),
  ...each('apt apt-get aptitude apt-cache dnf yum zypper apk snap port nix nix-env flatpak', system),
  pacman,
  ...each('dpkg rpm', call => {
    const tells = call.args.some(arg =>
      /^-(?:l|L|s|S|p|I|c|q.*|-list|-listfiles|-status|-search|-info|-contents)$/.test(arg.text),
    );
    call.add(...(tells ? TELLS : (['install', 'system-path'] as const)));
  }),
  brew,
  twine: call => call.add(...PUBLISHES),
  ...each('make gmake ninja just task rake ant invoke nox tox', recipe),
  ...each(
    'cmake meson bazel bazelisk gradle gradlew mvn mvnw xcodebuild swift dotnet nx turbo lerna webpack vite rollup esbuild parcel tsup swc gcc g++ cc clang clang++ rustc javac ld ar',
    runsProject,
  ),
  ...each(
    'pytest jest vitest mocha ava tap playwright cypress karma phpunit rspec busted ctest nosetests',
    runsProject,
  ),
  ...each('tsc', checks()),
  ...each(
    'eslint biome prettier ruff black flake8 mypy pylint rubocop stylelint shellcheck golangci-lint clippy isort gofmt rustfmt clang-format',
    checks('fix', 'write', 'w', 'i', 'a', 'A', 'fix-dry-run', 'autofix'),
  ),
  ...each('husky lefthook pre-commit', call => call.add('persistence', 'code')),
  ...each('nvm fnm volta asdf mise pyenv rbenv rustup sdk', call => {
    call.sub = call.args[0]?.text ?? '';
    call.add(
      ...(/^(?:ls|list|current|which|version|versions|show|--version)$/.test(call.sub) ? TELLS : INSTALLS),
    );
  }),
  ldd: readsFiles(),
};
