/** Facts about an action, read from what it is rather than from how it is spelled. Pure and synchronous. */
import { type Action, type Facts, riskLevel } from '../model/action.ts';
import type { Part } from './call.ts';
import { type ClassName, effectOf, riskOf, sortClasses } from './classes.ts';
import { Scanner } from './scan.ts';
import { NOTHING, sceneAt } from './scene.ts';
import { plainArg } from './shell/expand.ts';
import { titleOf } from './title.ts';
import { toolParts } from './tools.ts';

const MAX_TARGETS = 64;
const MAX_TARGET = 300;

/** What a policy decides on and a person reads first. Never throws. */
export function readFacts(action: Action): Facts {
  const { verb, parts } = partsOf(action);
  const classes = new Set(parts.flatMap(part => [...part.classes]));
  const targets = [...new Set(parts.flatMap(part => part.targets))];
  const risk = Math.max(0, ...parts.map(part => riskOf(part.classes)));
  return {
    verb: verb ?? verbOf(classes),
    programs: programsOf(parts),
    classes: sortClasses(classes),
    targets: targets.slice(0, MAX_TARGETS).map(target => target.slice(0, MAX_TARGET)),
    inside: parts.every(part => part.inside),
    risk,
    level: riskLevel(risk),
    title: titleOf(action),
    effect: effectOf(classes),
  };
}

/** `verb` when the tool itself says it, undefined for commands, whose parts do. */
interface Reading {
  readonly verb?: Facts['verb'];
  readonly parts: readonly Part[];
}

function partsOf(action: Action): Reading {
  const { tool, input, cwd } = action;
  const scanner = new Scanner();
  if (tool === 'exec') {
    const argv = Array.isArray(input['argv']) ? input['argv'].map(word => plainArg(String(word))) : [];
    if (argv.length === 0) return { parts: [unreadable('exec')] };
    scanner.argv(argv, sceneAt(cwd));
    return { parts: scanner.parts };
  }
  if (tool === 'Bash') {
    if (typeof input['command'] !== 'string') return { parts: [unreadable('Bash')] };
    scanner.text(input['command'], sceneAt(cwd), NOTHING);
    return { parts: scanner.parts.length > 0 ? scanner.parts : [nothing] };
  }
  return toolParts(action, scanner);
}

const nothing: Part = { program: '', sub: '', classes: new Set(['read']), targets: [], inside: true };

function unreadable(program: string): Part {
  return { program, sub: '', classes: new Set<ClassName>(['program', 'opaque']), targets: [], inside: false };
}

const READING: readonly ClassName[] = ['read', 'secrets', 'unclear', 'internal'];
const FETCHING: readonly ClassName[] = [...READING, 'network'];

/** A command that only reads is a Read; one that also uses the network, sending nothing, is a Fetch. */
function verbOf(classes: ReadonlySet<ClassName>): Facts['verb'] {
  const all = [...classes];
  if (all.every(name => READING.includes(name))) return 'Read';
  return all.every(name => FETCHING.includes(name)) ? 'Fetch' : 'Exec';
}

/** `git` and `git push`, so that a policy can name either. */
function programsOf(parts: readonly Part[]): string[] {
  const names = parts.flatMap(({ program, sub }) =>
    program === '' ? [] : sub === '' ? [program] : [program, `${program} ${sub}`],
  );
  return [...new Set(names)].slice(0, MAX_TARGETS).map(name => name.slice(0, MAX_TARGET));
}
