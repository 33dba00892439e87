import type { Call, Rule } from '../call.ts';
import { type OptionShape, Options } from '../options.ts';
import type { Arg } from '../shell/expand.ts';
import { each, type Table } from './rules.ts';

const COMMENTS = /\/\*[\s\S]*?\*\/|--[^\n]*/g;
const DESTROYS =
  /\b(?:drop\s+(?:table|database|schema|view|index|role|user|type|function|materialized|collection)|truncate\b|flushall|flushdb|dropdatabase|alter\s+table\s+\S+\s+drop|shutdown\b)/i;
const DELETES_ALL = /\b(?:delete\s+from|update\s+\S+\s+set)\b(?![^;]*\bwhere\b)/i;
/** Functions that change nothing; any other could. */
const HARMLESS =
  /^(?:count|sum|avg|min|max|coalesce|lower|upper|length|substr|substring|trim|round|abs|date|now|datetime|strftime|cast|concat|group_concat|string_agg|array_agg|json_agg|ifnull|nullif|distinct|in|values|and|or|not|where|on|exists|as|from|over|by|using|join|select|any|all|then|else|when|between|is|like|extract|date_trunc|row_number|rank|table_info|varchar|char|numeric|decimal)$/i;
const TELLS =
  /^(?:select|show|explain|describe|desc|\\d|\\l|\.tables|\.schema|\.databases|pragma\s+table_info|values|get|mget|hget|hgetall|keys|scan|ttl|exists|type|info|ping|llen|lrange|smembers|zrange|dbsize)\b/i;
const ESCAPES =
  /\\!|\\copy|\bcopy\b[^;]*\bprogram\b|\bsystem\b|\.shell|\.system|load_extension|into\s+(?:out|dump)file|\bxp_cmdshell|\.output|writefile|\bedit\b|analy[sz]e|(?<!^)\\|\binto\b|\bfor\s+update\b|pg_read_file|lo_export|\bset\b|;\s*\S/i;

/** What a statement does, by its words. A text that is not known when it runs is unclear. */
function statement(call: Call, text: Arg): void {
  const plain = text.text.replace(COMMENTS, ' ').trim();
  if (!text.known) call.add('unclear');
  if (DESTROYS.test(plain) || DELETES_ALL.test(plain)) call.add('database-destroy');
  else if (TELLS.test(plain) && !ESCAPES.test(plain) && text.known && callsNothing(plain)) call.add('read');
  else call.add('database');
}

/** A SELECT can call functions, and functions can do anything. */
function callsNothing(plain: string): boolean {
  return [...plain.matchAll(/([A-Za-z_][\w.]*)\s*\(/g)].every(([, name = '']) => HARMLESS.test(name));
}

/** A client: statements in an option, as an operand after the database, or on standard input. */
function client(
  shape: OptionShape,
  options: readonly string[],
  files: readonly string[],
  operandsFrom = 99,
): Rule {
  return call => {
    const parsed = call.options(shape);
    const texts = [...parsed.values(...options), ...parsed.operands.slice(operandsFrom)];
    for (const text of texts) statement(call, text);
    call.reads(...parsed.values(...files));
    call.writes(...parsed.values('o', 'L', 'output', 'log-file', 'tee'));
    if (texts.length > 0 && parsed.values(...files).length === 0) return;
    if (call.input.is === 'text')
      statement(call, { text: call.input.text, known: true, glob: false, from: [] });
    else call.add('database', 'unclear');
  };
}

const sqlite: Rule = call => {
  const parsed = new Options(call.args, {
    oneDash: true,
    long: ['cmd', 'init', 'separator', 'nullvalue', 'newline', 'vfs', 'mmap'],
  });
  const [file, ...texts] = parsed.operands;
  const all = [...parsed.values('cmd'), ...texts];
  if (file) call.reads(file);
  call.reads(...parsed.values('init'));
  if (parsed.has('init')) call.add('inline-code');
  for (const text of all) statement(call, text);
  if (all.length > 0) return;
  if (call.input.is === 'text')
    statement(call, { text: call.input.text, known: true, glob: false, from: [] });
  else call.add('database', 'unclear');
};

const redis: Rule = call => {
  const parsed = new Options(call.args, {
    takes: 'hpasnuir',
    long: ['user', 'pass', 'cacert', 'cert', 'key', 'eval', 'rdb'],
    stop: true,
  });
  const text = parsed.operands.map(arg => arg.text).join(' ');
  call.add('network');
  if (parsed.has('eval') || text === '') call.add('database', 'unclear');
  else statement(call, { text, known: parsed.operands.every(arg => arg.known), glob: false, from: [] });
};

export const DATABASES: Table = {
  ...each(
    'psql cockroach',
    client(
      {
        takes: 'cdfhpUvFRPToLE',
        long: ['command', 'file', 'dbname', 'host', 'port', 'username', 'set', 'output'],
      },
      ['c', 'command'],
      ['f', 'file'],
    ),
  ),
  ...each(
    'mysql mariadb',
    client(
      { takes: 'eDhPuS', long: ['execute', 'database', 'host', 'port', 'user', 'socket'] },
      ['e', 'execute'],
      [],
    ),
  ),
  ...each('sqlite3 sqlite duckdb', sqlite),
  ...each(
    'mongosh mongo',
    client(
      { takes: 'uph', long: ['eval', 'host', 'port', 'username', 'password', 'file'] },
      ['eval'],
      ['f', 'file'],
    ),
  ),
  ...each(
    'clickhouse clickhouse-client sqlcmd bteq snowsql cqlsh',
    client(
      { takes: 'qQehuPSUd', long: ['query', 'execute', 'host', 'user', 'password', 'database'] },
      ['q', 'Q', 'query', 'e', 'execute'],
      [],
    ),
  ),
  'redis-cli': redis,
  ...each('dropdb dropuser mysqladmin', call => {
    call.add('database-destroy');
    call.names(...call.options({ takes: 'hpU' }).operands);
  }),
  ...each('createdb createuser pg_restore mysqlimport mongorestore mongoimport', call =>
    call.add('database'),
  ),
  ...each('pg_dump pg_dumpall mysqldump mongodump mongoexport', call => {
    call.add('read');
    call.writes(
      ...call
        .options({ takes: 'fhpUdo', long: ['file', 'out', 'result-file'] })
        .values('f', 'o', 'file', 'out', 'result-file'),
    );
  }),
};
