/** What is around a command while it is read: where it may stand, what its variables may hold, what it is fed. */
import { homeOf, resolvePath } from './paths.ts';
import { expandWord, NO_VALUES, type Values } from './shell/expand.ts';
import { bareOf, type Script, type Word } from './shell/syntax.ts';
import { commandsOf } from './shell/walk.ts';

export interface Scene {
  /** The agent's working directory: what `inside` is measured against. */
  readonly base: string;
  /** Directories relative paths may start from; more than one after a `cd`, which might fail. */
  readonly cwds: readonly string[];
  /** A `cd` leads where we cannot follow. */
  readonly lost: boolean;
  readonly home: string;
  /** Values the script itself gives its variables. They only ever add to what could happen. */
  readonly guesses: readonly Values[];
}

/** What a command finds on its standard input. */
export type Input =
  | { readonly is: 'nothing' }
  | { readonly is: 'text'; readonly text: string }
  /** It came over the network, perhaps through filters. */
  | { readonly is: 'fetched' }
  /** Names of files below the working directory, from a command that only lists. */
  | { readonly is: 'names' }
  /** Another command's output. */
  | { readonly is: 'piped' };

export const NOTHING: Input = { is: 'nothing' };

const MAX_CWDS = 8;
const MAX_GUESSES = 8;
/** Variables that are followed; a script that sets more keeps the rest to itself. */
const MAX_VARIABLES = 48;
const CHANGES_DIRECTORY = new Set(['cd', 'pushd', 'chdir']);

export function sceneAt(cwd: string): Scene {
  return { base: cwd, cwds: [cwd], lost: false, home: homeOf(cwd), guesses: [] };
}

/** The scene inside this script. Where in it a `cd` or an assignment stands does not matter: it may come first. */
export function enter(scene: Scene, script: Script): Scene {
  const guesses = guessesOf(scene, script);
  const cwds = new Set(scene.cwds);
  let { lost } = scene;
  for (const { command, repeats } of commandsOf(script)) {
    if (cwds.size > MAX_CWDS) break;
    if (command.is !== 'simple') continue;
    const at = command.words.findIndex(word => CHANGES_DIRECTORY.has(bareOf(word) ?? ''));
    if (at < 0 || at > 1) continue;
    for (const values of [NO_VALUES, ...guesses]) {
      const [to, ...more] = command.words.slice(at + 1).flatMap(word => expandWord(word, scene.home, values));
      if (to && more.length > 0 && /^-[LPe@]+$|^--$/.test(to.text)) lost = true;
      if (to && (!to.known || to.text === '-' || to.glob)) lost = true;
      if (repeats && to && !/^[/~]/.test(to.text)) lost = true;
      for (const cwd of [...cwds]) cwds.add(resolvePath(to?.text ?? '~', cwd, scene.home));
    }
  }
  if (cwds.size > MAX_CWDS) lost = true;
  return { ...scene, cwds: [...cwds].slice(0, MAX_CWDS), lost, guesses };
}

export function startingIn(scene: Scene, directory: string, known: boolean): Scene {
  const cwds = scene.cwds.map(cwd => resolvePath(directory, cwd, scene.home));
  return {
    ...scene,
    cwds: [...new Set([...cwds, ...scene.cwds])].slice(0, MAX_CWDS),
    lost: scene.lost || !known,
  };
}

/** Sets of values: each variable's first with each other's first, then the second ones, and so on. */
function guessesOf(scene: Scene, script: Script): readonly Values[] {
  const found = new Map<string, string[]>();
  for (const values of scene.guesses)
    for (const [name, value] of values) found.set(name, [...(found.get(name) ?? []), value]);
  const note = (name: string, words: readonly Word[]): void => {
    if (found.size >= MAX_VARIABLES && !found.has(name)) return;
    for (const values of [NO_VALUES, combine(found, 0)]) {
      const args = words.flatMap(word => expandWord(word, scene.home, values));
      const texts = args.filter(arg => arg.known).map(arg => arg.text);
      found.set(name, [...new Set([...(found.get(name) ?? []), ...texts])].slice(0, MAX_GUESSES));
    }
  };
  for (const { command } of commandsOf(script)) {
    if (command.is === 'simple') for (const { name, values } of command.assignments) note(name, values);
    else if (command.kind === 'loop' && command.name !== '') note(command.name, command.words);
  }
  const most = Math.max(0, ...[...found.values()].map(values => values.length));
  return Array.from({ length: most }, (_, at) => combine(found, at));
}

function combine(found: ReadonlyMap<string, readonly string[]>, at: number): Values {
  const pairs = [...found].flatMap(([name, values]) => {
    const value = values[Math.min(at, values.length - 1)];
    return value === undefined ? [] : [[name, value] as const];
  });
  return new Map(pairs);
}

/** Does any of these words hold a variable that has guesses? */
export function usesGuesses(words: readonly Word[], guesses: readonly Values[]): boolean {
  const [first] = guesses;
  if (!first) return false;
  return words.some(word => word.some(piece => piece.is === 'variable' && first.has(piece.name)));
}
