/** `hms completion`: what to give to a shell so that Tab knows this program. */
import { Argument, Command } from 'commander';

const SHELLS = ['bash', 'zsh', 'fish'] as const;
type Shell = (typeof SHELLS)[number];

/** `whole` is the program all of whose commands are completed. */
export function completionCommand(whole: () => Command): Command {
  return new Command('completion')
    .description('print what makes a shell complete commands, options and names')
    .addArgument(new Argument('<shell>').choices(SHELLS))
    .addHelpText(
      'after',
      `
bash   eval "$(hms completion bash)" in ~/.bashrc
zsh    hms completion zsh > "\${fpath[1]}/_hms", then a new shell
fish   hms completion fish > ~/.config/fish/completions/hms.fish`,
    )
    .action(async (shell: Shell) => {
      const { completionScript } = await import('./completion-script.ts');
      process.stdout.write(completionScript(shell, whole()));
    });
}
