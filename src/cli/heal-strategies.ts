/** `hms heal strategies`: what healing can do, and what each of it declares. Needs no fleet. */
import { Argument, Command } from 'commander';
import { STRATEGIES, type Strategy } from '../healing/strategy.ts';
import { StrategyName } from '../model/healing.ts';
import { plural } from '../model/text.ts';
import { print, printJson, table } from './output.ts';

export function strategiesCommand(): Command {
  return new Command('strategies')
    .addArgument(new Argument('[name]', 'one of them').choices(StrategyName.options))
    .option('--json', 'print as JSON')
    .description('what can be done about trouble: when, how one knows that it helped, what takes it back')
    .action((name: StrategyName | undefined, { json }: { json?: boolean }) => {
      const chosen = name ? [STRATEGIES[name]] : Object.values(STRATEGIES);
      if (json) printJson({ strategies: chosen.map(declared) });
      else if (name) print(declarationText(STRATEGIES[name]));
      else
        print(table(chosen.map(one => [one.name, one.words, one.reach, one.risky ? 'asks the gate' : ''])));
    });
}

/** What scripts read. Stable: fields are added, never changed. */
export function declared(strategy: Strategy): object {
  const { name, words, when, steps, verification, undo, reach, risky, restarts } = strategy;
  const { loses, tokens, takesMs } = strategy;
  const cost = { loses, tokens, takes_ms: takesMs, restarts };
  return { name, words, precondition: when, steps, verification, undo, cost, reach, gate: risky };
}

function declarationText({
  name,
  words,
  when,
  steps,
  verification,
  undo,
  reach,
  risky,
  ...cost
}: Strategy): string {
  const { loses, tokens, takesMs, restarts } = cost;
  return [
    `${name}: ${words}`,
    table([
      ['possible when', when],
      ...steps.map((step, at) => [`step ${at + 1}`, step]),
      ['has helped when', verification],
      ['taken back by', undo],
      [
        'costs',
        [
          `${Math.round(loses * 100)} % of the work in hand`,
          `${Math.round(tokens * 100)} % of the tokens of a fresh start`,
          plural(takesMs / 1000, 'second'),
          ...(restarts ? ['a start of its restart policy'] : []),
        ].join(', '),
      ],
      ['reaches', reach],
      ['gate', risky ? 'it is asked, as for what agents want' : 'it is not asked'],
    ]),
  ].join('\n');
}
