/** The little of INI that systemd units and supervisord's files share: sections, keys, comments, lines that go on. */
export type Ini = ReadonlyMap<string, ReadonlyMap<string, string>>;

/** A key that comes again counts as it stands last, as both tools have it. */
export function readIni(text: string): Ini {
  const sections = new Map<string, Map<string, string>>();
  let section = new Map<string, string>();
  for (const line of text.replaceAll(/\\\r?\n/g, ' ').split(/\r?\n/)) {
    const head = /^\s*\[([^\]]+)\]\s*$/.exec(line)?.[1];
    if (head !== undefined) {
      section = sections.get(head) ?? new Map();
      sections.set(head, section);
      continue;
    }
    const [, key = '', value = ''] = /^\s*([^#;=\s][^=]*?)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
    if (key !== '') section.set(key, value);
  }
  return sections;
}
