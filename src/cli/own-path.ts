/** Where this program can be called by others. */
import { realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The launcher says, else it stands beside the built file. */
export function ownPath(): string {
  return (
    process.env.HMS_BIN ?? join(dirname(realpathSync(fileURLToPath(import.meta.url))), '..', 'bin', 'hms-tui')
  );
}
