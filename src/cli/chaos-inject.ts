/** One fault from the command line, as the experiment it is. */
import type { FaultName } from '../chaos/schema.ts';
import { HmsError } from '../model/errors.ts';
import { oneLine } from '../model/text.ts';
import { checkExperiment, type ReadExperiment } from './chaos-file.ts';

interface Wanted {
  readonly target?: string | undefined;
  readonly for: string;
}

/** Throws HmsError `fault` with everything that is wrong with how it was given. */
export function oneOff(
  fault: FaultName,
  fields: readonly string[],
  { target, for: span }: Wanted,
): ReadExperiment {
  const given = Object.fromEntries(
    fields.map(field => {
      const at = field.indexOf('=');
      if (at < 1)
        throw new HmsError(
          'fault',
          `${oneLine(field, 60)} is no NAME=VALUE`,
          `hms chaos new ${fault} shows what it takes`,
        );
      return [field.slice(0, at), readValue(field.slice(at + 1))];
    }),
  );
  const targets = target?.split(',').filter(Boolean);
  const action = { type: 'action', fault, for: span, ...(targets ? { target: targets } : {}), ...given };
  // A fault for longer than usual was asked for by name.
  const text = JSON.stringify({
    title: `${fault} from the command line`,
    method: [action],
    blast: { longest: '300s' },
  });
  const { value, issues } = checkExperiment(text);
  if (value) return { file: '', shown: '', experiment: value };
  const said = issues.map(
    ({ path, reason, hint }) => `${path.replace('method[0].', '')}: ${reason}${hint && ` (${hint})`}`,
  );
  throw new HmsError('fault', said.join('; '), `hms chaos new ${fault} shows what it takes`);
}

function readValue(text: string): unknown {
  if (/^-?\d+(?:\.\d+)?$/.test(text)) return Number(text);
  return text === 'true' ? true : text === 'false' ? false : text;
}
