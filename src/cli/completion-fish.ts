/** Completion for fish. */
import { type Place, placeLines } from './completion-tree.ts';

const quoted = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;

export function fishScript(all: readonly Place[]): string {
  const cases = all.map(
    place =>
      `        case ${quoted(place.path)}\n            printf '%s\\n' ${placeLines(place).map(quoted).join(' ')}`,
  );
  return `# fish completion for hms and hms-tui. Made by: hms completion fish
function __hms_place
    switch "$argv[1]"
${cases.join('\n')}
    end
end

# What values a line of a place takes, by kind and name; fails when there is none.
function __hms_find
    for line in (__hms_place "$argv[1]")
        set -l fields (string split \\t -- $line)
        if test "$fields[1]" = "$argv[2]"; and test "$fields[2]" = "$argv[3]"
            echo $fields[3]
            return 0
        end
    end
    return 1
end

# program, fleet, values, what is typed, what stands before it
function __hms_values
    switch "$argv[3]"
        case 'one:*'
            string split ' ' -- (string replace one: '' -- $argv[3]) | string replace -r '^' -- "$argv[5]"
        case 'ask:*'
            command $argv[1] complete-values (string replace ask: '' -- $argv[3]) "$argv[2]" 2>/dev/null | string replace -r '^' -- "$argv[5]"
        case file
            __fish_complete_path "$argv[4]" | string replace -r '^' -- "$argv[5]"
        case dir
            __fish_complete_directories "$argv[4]" | string replace -r '^' -- "$argv[5]"
    end
end

function __hms_complete
    set -l tokens (commandline -opc)
    set -l current (commandline -ct)
    set -l program $tokens[1]
    set -e tokens[1]
    set -l fleet ''
    set -l place ''
    set -l want ''
    set -l flag ''
    set -l literal ''
    set -l count 0
    for token in $tokens
        if test -n "$want"
            test "$flag" = --fleet; and set fleet $token
            set want ''
        else if test -n "$literal"
            set count (math $count + 1)
        else if test "$token" = --
            set literal 1
        else if string match -q -- '--fleet=*' $token
            set fleet (string replace -r '^[^=]*=' '' -- $token)
        else if string match -q -- '--*=*' $token
            continue
        else if string match -q -- '-?*' $token
            set flag $token
            set -l values (__hms_find "$place" o $token)
            test -n "$values"; and test "$values" != -; and set want $values
        else if test $count = 0; and __hms_find "$place" c "$token" >/dev/null
            set place (string trim -- "$place $token")
        else
            set count (math $count + 1)
        end
    end
    if test -n "$want"
        __hms_values $program "$fleet" $want "$current" ''
        return
    end
    if test -z "$literal"; and string match -q -- '--*=*' $current
        set -l option (string replace -r '=.*' '' -- $current)
        set -l values (__hms_find "$place" o $option)
        test -n "$values"; and __hms_values $program "$fleet" $values (string replace -r '^[^=]*=' '' -- $current) $option=
        return
    end
    set -l at 0
    for line in (__hms_place "$place")
        set -l fields (string split \\t -- $line)
        switch $fields[1]
            case c
                test $count = 0; and test -z "$literal"; and printf '%s\\t%s\\n' $fields[2] "$fields[3]"
            case o
                test -z "$literal"; and string match -q -- '-*' $current; and printf '%s\\t%s\\n' $fields[2] "$fields[4]"
            case a
                test $at = $count; and __hms_values $program "$fleet" $fields[2] "$current" ''
                set at (math $at + 1)
            case m
                test $at -le $count; and __hms_values $program "$fleet" $fields[2] "$current" ''
                set at (math $at + 1)
        end
    end
end

complete -c hms -f -a '(__hms_complete)'
complete -c hms-tui -f -a '(__hms_complete)'
`;
}
