/** blessed and blessed-contrib, which only the dash window loads. */
import { HmsError } from '../../model/errors.ts';

/** Throws HmsError `no-dash` where they are not installed. */
export async function loadCharts() {
  try {
    const [{ default: blessed }, { default: contrib }] = await Promise.all([
      import('blessed'),
      import('blessed-contrib'),
    ]);
    return { blessed, contrib };
  } catch (cause) {
    throw new HmsError(
      'no-dash',
      'the charts of the dash window are not installed (the optional packages blessed and blessed-contrib)',
      'npm install --include=optional; without them: R in the console, hms top -w',
      { cause },
    );
  }
}
