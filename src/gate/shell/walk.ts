import type { Command, Script, Word } from './syntax.ts';
import { scriptsOf } from './words.ts';

interface Visit {
  readonly command: Command;
  /** It may run more than once: inside a loop or a function. */
  readonly repeats: boolean;
}

/** Every command of a script, those in substitutions and function bodies too, in the order written. */
export function* commandsOf(script: Script, seen = new Set<Script>(), repeats = false): Generator<Visit> {
  if (seen.has(script)) return;
  seen.add(script);
  for (const pipeline of script) {
    for (const command of pipeline) {
      yield { command, repeats };
      for (const word of wordsOf(command)) {
        for (const inner of scriptsOf(word)) yield* commandsOf(inner, seen, repeats);
      }
      if (command.is === 'simple') continue;
      const again = repeats || command.kind === 'loop' || command.kind === 'function';
      for (const body of command.bodies) yield* commandsOf(body, seen, again);
    }
  }
}

/** Every word of this command that is expanded when it runs, its redirects' too; not those of its bodies. */
export function wordsOf(command: Command): readonly Word[] {
  const redirected = command.redirects.map(redirect => redirect.word);
  if (command.is === 'compound') return [...command.words, ...redirected];
  return [...command.assignments.flatMap(each => each.values), ...command.words, ...redirected];
}
