/** supervisord's [program:x] sections. */
import { Carrying, durationText, number, type Translation } from './carried.ts';
import { readIni } from './ini.ts';

const WHEN: Readonly<Record<string, string>> = { true: 'always', unexpected: 'on-failure', false: 'never' };

const ELSEWHERE: Readonly<Record<string, string>> = {
  numprocs: 'each agent has a name of its own: write it so many times',
  stopsignal: 'an agent is ended by closing its pane',
  stopwaitsecs: 'how long an end may take is fixed here',
  stopasgroup: 'everything an agent has started is its own here',
  killasgroup: 'everything an agent has started is its own here',
  priority: 'needs: says in which order agents start',
  user: 'agents run under your account',
};

export function fromSupervisord(text: string): Translation {
  const found: Record<string, Translation[string]> = {};
  for (const [section, keys] of readIni(text)) {
    const name = /^program:(.+)$/.exec(section)?.[1];
    if (name !== undefined) found[name] = ofProgram(keys);
  }
  return found;
}

function ofProgram(keys: ReadonlyMap<string, string>): Translation[string] {
  const to = new Carrying();
  const when = keys.get('autorestart') ?? 'unexpected';
  const known = WHEN[when.toLowerCase()];
  if (known) to.restart['when'] = known;
  else to.lose(`autorestart=${when}`, 'it is none of true, false and unexpected');
  const retries = number(keys.get('startretries')) ?? 3;
  const lasting = (number(keys.get('startsecs')) ?? 1) * 1000;
  to.restart['max'] = retries;
  // Waits 1, 2, 3 … s between tries: so long they take together.
  to.restart['within'] = durationText(
    Math.max(60_000, (retries * (retries + 1) * 1000) / 2 + retries * lasting),
  );
  to.restart['from'] = '1s';
  to.restart['to'] = durationText(Math.max(1, retries) * 1000);
  to.lose(
    'startretries',
    'counts only starts that did not last startsecs; here those within the window count',
  );
  if (lasting > 0) to.healing = { verify: durationText(lasting) };
  const codes = keys.get('exitcodes');
  if (codes !== undefined && codes.replaceAll(' ', '') !== '0')
    to.lose(`exitcodes=${codes}`, 'only 0 is a clean end here');
  if (keys.get('autostart')?.toLowerCase() === 'false')
    to.lose('autostart=false', 'agents of the file are started with the fleet');
  for (const [key, why] of Object.entries(ELSEWHERE)) if (keys.has(key)) to.lose(key, why);
  return to.carried;
}
