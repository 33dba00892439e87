/** What the doctor says of one thing. */
export interface Check {
  /** Stable: scripts look for it. */
  readonly name: string;
  /** ok: as it should be · warn: something is missing or will not be at its best · bad: it does not work. */
  readonly is: 'ok' | 'warn' | 'bad';
  readonly says: string;
  /** What to do about it; '' when there is nothing to do. */
  readonly remedy: string;
}

export const ok = (name: string, says: string): Check => ({ name, is: 'ok', says, remedy: '' });
export const warn = (name: string, says: string, remedy: string): Check => ({
  name,
  is: 'warn',
  says,
  remedy,
});
export const bad = (name: string, says: string, remedy: string): Check => ({ name, is: 'bad', says, remedy });

/** Everything a check asks the machine for. */
export interface Surroundings {
  readonly env: NodeJS.ProcessEnv;
  readonly platform: NodeJS.Platform;
}
