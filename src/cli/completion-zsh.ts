/** Completion for zsh, as a file of its fpath or sourced. */
import { placeFunction } from './completion-bash.ts';
import type { Place } from './completion-tree.ts';

export function zshScript(all: readonly Place[]): string {
  return `#compdef hms hms-tui
# zsh completion for hms and hms-tui. Made by: hms completion zsh
${placeFunction(all)}

# Looks up a line of a place by kind and name; says what values it takes in REPLY, fails when there is none.
_hms_find() {
  local line
  for line in "\${(@f)$(_hms_place "$1")}"; do
    local -a fields=("\${(@ps:\\t:)line}")
    if [[ $fields[1] == "$2" && $fields[2] == "$3" ]]; then REPLY=$fields[3]; return 0; fi
  done
  return 1
}

_hms_values() {
  local -a found
  case $1 in
    one:*) found=("\${(@s: :)\${1#one:}}"); compadd -a found ;;
    ask:*) found=("\${(@f)$(command "$hms_program" complete-values "\${1#ask:}" "$hms_fleet" 2>/dev/null)}")
      found=(\${found:#}); compadd -a found ;;
    file) _files ;;
    dir) _files -/ ;;
  esac
}

_hms() {
  local hms_program=\${(Q)words[1]} hms_fleet='' place='' want='' flag='' literal='' word line REPLY
  local -i i count=0 at=0
  local -a fields commands options
  for ((i = 2; i < CURRENT; i++)); do
    word=\${(Q)words[i]}
    if [[ -n $want ]]; then
      [[ $flag == --fleet ]] && hms_fleet=$word
      want=''
    elif [[ -n $literal ]]; then count+=1
    else
      case $word in
        --) literal=1 ;;
        --fleet=*) hms_fleet=\${word#*=} ;;
        --*=*) ;;
        -?*) flag=$word; _hms_find "$place" o "$word" && [[ $REPLY != - ]] && want=$REPLY ;;
        *) if ((count == 0)) && _hms_find "$place" c "$word"; then place="\${place:+$place }$word"
          else count+=1; fi ;;
      esac
    fi
  done
  if [[ -n $want ]]; then _hms_values "$want"; return; fi
  if [[ -z $literal && $PREFIX == --*=* ]] && _hms_find "$place" o "\${PREFIX%%=*}"; then
    compset -P '*='
    _hms_values "$REPLY"
    return
  fi
  for line in "\${(@f)$(_hms_place "$place")}"; do
    fields=("\${(@ps:\\t:)line}")
    case $fields[1] in
      c) ((count == 0)) && [[ -z $literal ]] && commands+=("$fields[2]:\${fields[3]//:/\\\\:}") ;;
      o) [[ -z $literal && $PREFIX == -* ]] && options+=("$fields[2]:\${fields[4]//:/\\\\:}") ;;
      a) if ((at == count)) && [[ $PREFIX != -* ]]; then _hms_values "$fields[2]"; fi; at+=1 ;;
      m) if ((at <= count)) && [[ $PREFIX != -* ]]; then _hms_values "$fields[2]"; fi; at+=1 ;;
    esac
  done
  (($#commands)) && _describe -t commands command commands
  (($#options)) && _describe -t options option options
}

if [[ $funcstack[1] == _hms ]]; then _hms "$@"
else compdef _hms hms hms-tui; fi
`;
}
