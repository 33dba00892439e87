/** Which values are secrets by the names of their variables: what agents are started with, and what they inherit. */
import type { RedactConfig } from '../model/fleet.ts';

const SECRET_NAME = /(?:^|_)(?:TOKEN|KEY|SECRET|PASSWORD|PASSWD|PASSPHRASE)$/i;

type Environment = Readonly<Record<string, string | undefined>>;

export function secretValues(
  environments: readonly Environment[],
  { known, env }: RedactConfig,
): readonly string[] {
  const isSecret = (name: string): boolean => env.includes(name) || (known && SECRET_NAME.test(name));
  const values = environments.flatMap(environment =>
    Object.entries(environment).flatMap(([name, value]) => (value && isSecret(name) ? [value] : [])),
  );
  return [...new Set(values)];
}
