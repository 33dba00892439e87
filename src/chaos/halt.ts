/** The kill switch of a fleet's chaos: a file. Engine, runners and the native helper all look for it. */
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

export interface HaltSwitch {
  on(): boolean;
  set(on: boolean): void;
}

export function haltSwitch(file: string): HaltSwitch {
  return {
    on: () => existsSync(file),
    set(on) {
      if (!on) {
        rmSync(file, { force: true });
        return;
      }
      mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
      writeFileSync(file, '', { mode: 0o600 });
    },
  };
}
