/** What programs in our panes find in TERM. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';

/** `tmux-256color` where the terminal database has it, else `screen-256color`, which is everywhere. */
export async function defaultTerminal(env: Readonly<Record<string, string>>): Promise<string> {
  return (await inTerminfo('tmux-256color', env)) ? 'tmux-256color' : 'screen-256color';
}

/** Asked of infocmp; without it the places where entries usually lie are looked at (macOS names them in hex). */
function inTerminfo(name: string, env: Readonly<Record<string, string>>): Promise<boolean> {
  const dirs = [
    env.TERMINFO,
    `${env.HOME}/.terminfo`,
    '/etc/terminfo',
    '/lib/terminfo',
    '/usr/share/terminfo',
  ];
  const folders = [name.charAt(0), name.charCodeAt(0).toString(16)];
  return new Promise(resolve => {
    execFile('infocmp', [name], { env, timeout: 2000 }, error => {
      resolve(
        !error || dirs.some(dir => dir && folders.some(folder => existsSync(`${dir}/${folder}/${name}`))),
      );
    });
  });
}
