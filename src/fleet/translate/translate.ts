/** Which tool's file it is, and what of it a fleet file can say. Pure. */
import { parseDocument, stringify } from 'yaml';
import { HmsError } from '../../model/errors.ts';
import type { HealingLevel } from '../../model/healing.ts';
import { type Carried, list, record, type Translation } from './carried.ts';
import { fromCompose } from './compose.ts';
import { readIni } from './ini.ts';
import { fromKubernetes } from './kubernetes.ts';
import { type Evolved, toLevel } from './levels.ts';
import { fromPm2 } from './pm2.ts';
import { fromSupervisord } from './supervisord.ts';
import { fromSystemd } from './systemd.ts';
import { TOOLS, type Tool } from './tools.ts';

export interface Translated {
  readonly from: Tool;
  readonly to: HealingLevel;
  readonly agents: Translation;
}

interface How {
  /** Whose file it is, where that is not plain. */
  readonly from?: Tool | undefined;
  readonly to?: HealingLevel | undefined;
  /** What agents at the level evolutionary run on besides. */
  readonly evolved?: Evolved;
}

/**
 * @param name what a file that names nothing is called: `worker` of `worker.service`
 * @throws HmsError `not-understood`
 */
export function translate(text: string, name: string, { from: tool, to, evolved }: How = {}): Translated {
  const from = tool ?? toolOf(text);
  if (from === 'hms' && !to)
    throw new HmsError('no-level', 'a fleet file is translated to another level', '--to names it');
  const agents = from === 'hms' ? atLevel(text, to ?? 'basic', evolved) : translated(from, text, name);
  if (Object.keys(agents).length === 0)
    throw new HmsError(
      'not-understood',
      `there is no program in it, read as ${from}`,
      `--from names another: ${TOOLS.join(', ')}`,
    );
  return { from, to: to ?? 'basic', agents };
}

/** Each agent of a fleet file that is healed. */
function atLevel(text: string, to: HealingLevel, evolved: Evolved = { tuning: {}, ladder: {} }): Translation {
  const agents = Object.entries(record(record(documentOf(text))['agents']));
  return Object.fromEntries(
    agents.flatMap(([name, agent]) => {
      const { healing } = record(agent);
      return healing === undefined ? [] : [[name, toLevel(healing, to, evolved)] as const];
    }),
  );
}

function translated(from: Exclude<Tool, 'hms'>, text: string, name: string): Translation {
  switch (from) {
    case 'systemd':
      return fromSystemd(text, name);
    case 'supervisord':
      return fromSupervisord(text);
    case 'kubernetes':
      return fromKubernetes(documentOf(text));
    case 'pm2':
      return fromPm2(documentOf(text));
    case 'compose':
      return fromCompose(documentOf(text));
  }
}

function toolOf(text: string): Tool {
  const sections = [...readIni(text).keys()];
  if (sections.some(section => section.startsWith('program:'))) return 'supervisord';
  if (sections.includes('Service') || sections.includes('Unit')) return 'systemd';
  const document = documentOf(text);
  const root = record(document);
  if ('apiVersion' in root && 'kind' in root) return 'kubernetes';
  if ('services' in root) return 'compose';
  if ('agents' in root) return 'hms';
  const [first] = 'apps' in root ? list(root['apps']) : Array.isArray(document) ? document : [];
  if ('script' in record(first) || 'apps' in root) return 'pm2';
  throw new HmsError(
    'not-understood',
    'it is no unit, Pod, ecosystem file, [program:x], Compose file or fleet file',
    `--from says what it is: ${TOOLS.join(', ')}; an ecosystem file in JavaScript is read as node -p 'JSON.stringify(require("./ecosystem.config.js"))' prints it`,
  );
}

function documentOf(text: string): unknown {
  const document = parseDocument(text.split(/^---$/m).find(part => part.trim() !== '') ?? '');
  const [error] = document.errors;
  if (error)
    throw new HmsError('not-understood', `it cannot be read: ${error.message.split('\n')[0] ?? ''}`, '');
  return document.toJS({ maxAliasCount: 100 });
}

/** As it goes into a fleet file, with what was not carried over as comments. */
export function translationText({ from, to, agents }: Translated): string {
  const parts = Object.entries(agents).map(
    ([name, { restart, healing, lost }]: readonly [string, Carried]) => {
      const body = stringify(
        {
          [name]: {
            ...(Object.keys(restart).length > 0 && { restart }),
            healing: { ...{ level: to }, ...healing, level: to },
          },
        },
        { lineWidth: 0 },
      );
      const notes = lost.map(line => `    # not carried over: ${line.replaceAll(/\s+/g, ' ')}\n`).join('');
      return `${indented(body)}${notes}`;
    },
  );
  return `# from ${from}; goes below the agent's name\nagents:\n${parts.join('')}`;
}

function indented(text: string): string {
  return text.replaceAll(/^(?=.)/gm, '  ');
}
