/** Whether a program can be run: asked when a fleet file is read, and again before each start. */
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';

/** As a shell looks for it: by its path from `cwd` when it has a slash, else in the folders of `path` (a PATH). */
export function canRun(program: string, cwd: string, path: string): boolean {
  if (program.includes('/')) return isProgram(resolve(cwd, program));
  return path.split(delimiter).some(folder => folder !== '' && isProgram(join(folder, program)));
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
