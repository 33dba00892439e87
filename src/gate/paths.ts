/** Paths as text: resolved against the working directory without looking at the disk, and what kind of place they are. */

/** Whose home the working directory lies in, or `~` when it does not show. */
export function homeOf(cwd: string): string {
  return /^(?:\/home\/[^/]+|\/Users\/[^/]+|\/root)(?=\/|$)/.exec(cwd)?.[0] ?? '~';
}

/** Absolute and without `.`, `..` and double slashes; starts with `~` where the home directory is not known. */
export function resolvePath(text: string, cwd: string, home: string): string {
  const [, user, below] = /^~([^/]*)(.*)$/s.exec(text) ?? [];
  if (user !== undefined && below !== undefined)
    return normalise((user === '' ? home : `/home/${user}`) + below);
  return normalise(text.startsWith('/') ? text : `${cwd}/${text}`);
}

function normalise(path: string): string {
  const fromHome = path === '~' || path.startsWith('~/');
  const kept: string[] = [];
  for (const part of (fromHome ? path.slice(1) : path).split('/')) {
    if (part === '' || part === '.') continue;
    if (part !== '..') kept.push(part);
    // Above an unknown home there is some /home.
    else if (kept.pop() === undefined && fromHome)
      return normalise(`/home/${path.slice(path.indexOf('..') + 2)}`);
  }
  const below = kept.join('/');
  return fromHome ? (below === '' ? '~' : `~/${below}`) : `/${below}`;
}

export function isInside(path: string, cwd: string): boolean {
  const base = normalise(cwd);
  return path === base || path.startsWith(base === '/' ? '/' : `${base}/`);
}

export type Place = 'device' | 'system' | 'temp' | 'secrets' | 'persistence' | 'agent-settings' | 'ci';

const HARMLESS_DEVICE =
  /^\/dev\/(?:null|zero|full|random|urandom|stdin|stdout|stderr|tty|ptmx|console|fd\/.*|pts\/.*)$/;
const TEMP = /^(?:\/tmp|\/var\/tmp|\/private\/tmp|\/private\/var\/folders|\/var\/folders|\/dev\/shm)(?:\/|$)/;
const SYSTEM =
  /^\/(?:etc|usr|bin|sbin|lib|lib32|lib64|libx32|boot|var|opt|srv|sys|proc|nix|system|library|applications|cores|private)(?:\/|$)/;
const AT = '(?:^|/)';
const HOME = '^(?:~|/home/[^/]+|/users/[^/]+|/root)';
const SECRETS = new RegExp(
  [
    `${AT}\\.ssh(?:$|/(?!.*\\.pub$|known_hosts))`,
    `${AT}id_(?:rsa|dsa|ecdsa|ed25519)(?:_sk)?$`,
    `${AT}\\.(?:aws|azure|gnupg|password-store|kube|docker)(?:/|$)`,
    `${AT}\\.config/(?:gcloud|gh|op|rclone)(?:/|$)`,
    `${AT}\\.env(?:\\.(?!example$|sample$|template$|dist$)[^/]*)?$`,
    `${AT}\\.(?:netrc|pgpass|my\\.cnf|pypirc|git-credentials|vault-token|htpasswd|boto|s3cfg|terraformrc)$`,
    `${AT}(?:credentials|secrets?)(?:\\.(?:json|ya?ml|toml|ini|env|txt))?$`,
    `${AT}service[-_]account[^/]*\\.json$`,
    `\\.(?:pem|p12|pfx|keystore|jks|kdbx|agekey|key)$`,
    `^/etc/(?:shadow|gshadow|sudoers|sudoers\\.d|ssl/private|ssh/ssh_host_[^/]*_key)(?:/|$)`,
    `^/proc/[^/]+/(?:environ|mem)$`,
    `${AT}(?:login data|cookies\\.sqlite|key4\\.db|logins\\.json|keychains)(?:/|$)`,
    `${AT}\\.claude/\\.credentials\\.json$`,
    `${AT}\\.codex/auth\\.json$`,
    `${AT}\\.(?:[a-z]+_history|[a-z]+_repl_history)$`,
    `${HOME}/\\.(?:npmrc|m2/settings\\.xml|gradle/gradle\\.properties|terraform\\.d(?:/.*)?)$`,
    `\\.(?:tfvars|tfstate|tfstate\\.backup)$`,
    `${AT}(?:wallet\\.dat|agent\\.secret)$`,
    `${AT}\\.local/state/hms(?:/|$)`,
  ].join('|'),
);
const PERSISTENCE = new RegExp(
  [
    `${AT}\\.(?:bashrc|bash_profile|bash_login|bash_logout|bash_aliases|profile|zshrc|zshenv|zprofile|zlogin|zlogout|kshrc|cshrc|tcshrc|inputrc|xprofile|xsession|xinitrc)$`,
    `${AT}\\.config/(?:fish|autostart|systemd|git|environment\\.d)(?:/|$)`,
    `${AT}\\.(?:gitconfig|tmux\\.conf|vimrc|envrc|npmrc|yarnrc|yarnrc\\.yml|gitattributes|gitmodules|editorrc|emacs|netrc)$`,
    `${AT}\\.ssh(?:/|$)`,
    `${AT}\\.git(?:/|$)`,
    `${AT}\\.(?:husky|vscode|idea|devcontainer)(?:/|$)`,
    `${AT}(?:lefthook\\.ya?ml|\\.pre-commit-config\\.yaml)$`,
    `${AT}library/(?:launchagents|launchdaemons)(?:/|$)`,
    `${HOME}/(?:bin|\\.local/bin)(?:/|$)`,
    `^/etc/(?:cron[^/]*|profile|profile\\.d|ld\\.so[^/]*|systemd|init\\.d|rc\\.local|xdg/autostart)(?:/|$)`,
    `^/var/spool/(?:cron|at)(?:/|$)`,
  ].join('|'),
);
const AGENT_SETTINGS = new RegExp(
  [
    `${AT}\\.(?:claude|codex|gemini|cursor|opencode|continue|aider)(?:/|$)`,
    `${AT}\\.(?:claude\\.json|mcp\\.json|aider\\.conf\\.yml)$`,
    `${AT}\\.config/(?:hms|opencode|goose)(?:/|$)`,
    `${AT}\\.local/state/hms(?:/|$)`,
    `${AT}hms\\.ya?ml$`,
    `\\.cedar$`,
  ].join('|'),
);
const CI = new RegExp(
  [
    `${AT}\\.(?:github|circleci|buildkite|gitlab|ci|woodpecker)(?:/|$)`,
    `${AT}(?:\\.gitlab-ci|\\.travis|\\.drone|azure-pipelines|bitbucket-pipelines|appveyor|cloudbuild)\\.ya?ml$`,
    `${AT}jenkinsfile$`,
  ].join('|'),
);

/** What is special about this place. Case does not matter: it does not on macOS. */
export function placesOf(path: string): ReadonlySet<Place> {
  const lower = path.toLowerCase();
  const places = new Set<Place>();
  if (lower.startsWith('/dev/') && !HARMLESS_DEVICE.test(lower) && !TEMP.test(lower)) places.add('device');
  if (lower === '/proc/sysrq-trigger') places.add('device');
  if (TEMP.test(lower)) places.add('temp');
  else if (SYSTEM.test(lower)) places.add('system');
  if (SECRETS.test(lower)) places.add('secrets');
  if (PERSISTENCE.test(lower)) places.add('persistence');
  if (AGENT_SETTINGS.test(lower)) places.add('agent-settings');
  if (CI.test(lower)) places.add('ci');
  return places;
}

/** Writing here changes nothing that lasts. */
export function isSink(path: string): boolean {
  return HARMLESS_DEVICE.test(path);
}

/** A path part made of wildcards alone: `*`, `.*`, `.[!.]*`, `**`, `.??*`. */
const ALL_WILD = /^\.?(?:\[[^\]]*\]|[*?])+(?:\.\*)?$/;
const WHOLE =
  /^(?:\/|\/[^/]*[*?[][^/]*|\/(?:applications|bin|boot|cores|dev|etc|home|lib|lib32|lib64|library|media|mnt|network|nix|opt|private|proc|root|run|sbin|srv|sys|system|users|usr|var|volumes)|~|\/(?:home|users)\/[^/]+|\/(?:usr|etc|var|private|system|library|mnt|media|volumes)\/[^/]+|\/usr\/local\/[^/]+|\/private\/var\/[^/]+)$/;

/** Is this, with everything below it, a disk, a home or a part of the system that nobody means to lose? */
export function isWhole(path: string, glob: boolean): boolean {
  let place = path.toLowerCase();
  if (glob) {
    const parts = place.split('/');
    while (ALL_WILD.test(parts.at(-1) ?? '')) parts.pop();
    place = parts.join('/') || '/';
  }
  return WHOLE.test(place) && !TEMP.test(place);
}

/** Names that a wildcard in a secret's place would catch: enough to see what it is meant for. */
const SECRET_NAMES = [
  '.env',
  '.env.local',
  '.env.production',
  'id_rsa',
  'id_ed25519',
  '.netrc',
  '.pgpass',
  'server.pem',
  'credentials.json',
];

/** Could this pattern name a credential file? `.e*` could; `*` could not: it skips dot files and stays ordinary. */
export function couldBeSecret(pattern: string): boolean {
  const slash = pattern.lastIndexOf('/');
  const folder = pattern.slice(0, slash + 1);
  const name = pattern.slice(slash + 1);
  if (/[*?[]/.test(folder) && /\/\.[^/]*[*?[]/.test(folder)) return true;
  if (ALL_WILD.test(name)) return name.startsWith('.') || placesOf(`${folder}x`).has('secrets');
  if (name.length > 64) return true;
  const matcher = wildcard(name);
  return placesOf(pattern).has('secrets') || SECRET_NAMES.some(secret => matcher.test(secret));
}

function wildcard(pattern: string): RegExp {
  const stars = pattern.replace(/\*+/g, '*').replace(/\[[^\]]*\]/g, '?');
  return new RegExp(
    `^${stars
      .replace(/[.+^${}()|\\[\]]/g, '\\$&')
      .replaceAll('*', '[^/]*')
      .replaceAll('?', '[^/]')}$`,
    'i',
  );
}
