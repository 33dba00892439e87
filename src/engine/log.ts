/** The engine's own log: a file, because the pane it starts in may go away under it. Kept below 2 × LIMIT bytes. */
import { appendFileSync, renameSync, statSync } from 'node:fs';

const LIMIT = 4 << 20;

export function openLog(path: string, now: () => number = Date.now): (line: string) => void {
  let size = sizeOf(path);
  return line => {
    const text = `${new Date(now()).toISOString()} ${line}\n`;
    try {
      if (size > LIMIT) {
        renameSync(path, `${path}.1`);
        size = 0;
      }
      appendFileSync(path, text, { mode: 0o600 });
      size += text.length;
    } catch {
      // A log that cannot be written must not end the engine; the journal reports a full disk itself.
    }
  };
}

function sizeOf(path: string): number {
  try {
    return statSync(path).size;
  } catch {
    return 0;
  }
}
