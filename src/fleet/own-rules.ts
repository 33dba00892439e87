/** A person's own rules of notifications, from the configuration folder of the account that runs the fleet. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { OwnNotifications } from '../model/notifications.ts';
import { type Checked, readConfig } from './config-file.ts';
import { nulls, ruleFindings } from './consistency.ts';
import { roots } from './paths.ts';

export function ownRulesPlace(env: NodeJS.ProcessEnv = process.env): string {
  return join(roots(env).config, 'notifications.yaml');
}

/** The file when there is one. */
export function ownRulesGiven(env: NodeJS.ProcessEnv = process.env): string | undefined {
  const place = ownRulesPlace(env);
  return existsSync(place) ? place : undefined;
}

/** Which agents there are is not asked: the rules go with every fleet. */
export function readOwnRules(file: string): Promise<Checked<OwnNotifications>> {
  return readConfig(file, 'the rules', OwnNotifications, rules => [
    ...ruleFindings(rules, []),
    ...nulls(rules, []),
  ]);
}
