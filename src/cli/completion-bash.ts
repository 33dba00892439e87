/** Completion for bash, from 3.2 (macOS) on. */
import { type Place, placeLines } from './completion-tree.ts';

/** In single quotes for sh and its like. */
export const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

/** The places as a function of a sh-like shell that prints the lines of one. */
export function placeFunction(all: readonly Place[]): string {
  const cases = all.map(
    place => `    ${quoted(place.path)}) printf '%s\\n' ${placeLines(place).map(quoted).join(' ')} ;;`,
  );
  return `_hms_place() {\n  case $1 in\n${cases.join('\n')}\n  esac\n}`;
}

export function bashScript(all: readonly Place[]): string {
  return `# bash completion for hms and hms-tui. Made by: hms completion bash
${placeFunction(all)}

# Looks up a line of a place by kind and name; says what values it takes in _hms_found, fails when there is none.
_hms_find() {
  local kind name values rest
  while IFS=$'\\t' read -r kind name values rest; do
    if [[ $kind == "$2" && $name == "$3" ]]; then _hms_found=$values; return 0; fi
  done < <(_hms_place "$1")
  return 1
}

# Adds what begins with what is typed, quoted as it must stand on the line.
_hms_offer() {
  local candidate typed=$_hms_typed
  while IFS= read -r candidate; do
    [[ -n $candidate && $candidate == "$typed"* ]] || continue
    case $_hms_quote in
      \\') candidate=\${candidate//\\'/\\'\\\\\\'\\'} ;;
      \\") candidate=\${candidate//\\\\/\\\\\\\\}; candidate=\${candidate//\\"/\\\\\\"}; candidate=\${candidate//\\$/\\\\\\$}; candidate=\${candidate//\\\`/\\\\\\\`} ;;
      *) printf -v candidate %q "$candidate" ;;
    esac
    COMPREPLY+=("$_hms_before$candidate")
  done
}

_hms_values() {
  case $1 in
    one:*) _hms_offer < <(tr ' ' '\\n' <<< "\${1#one:}") ;;
    ask:*) _hms_offer < <("$_hms_program" complete-values "\${1#ask:}" "$_hms_fleet" 2>/dev/null) ;;
    file | dir)
      # Readline itself is best at paths; bash 3.2 cannot be told to.
      if type compopt &>/dev/null; then compopt -o default
      else _hms_offer < <(compgen "-\${1:0:1}" -- "$_hms_typed"); fi ;;
  esac
}

_hms() {
  local _hms_program=$1 _hms_fleet='' _hms_found _hms_typed _hms_quote='' _hms_before=''
  local place='' want='' flag='' literal='' word raw last kind name values rest
  local -a words=()
  local -i i n=0 count=0 at=0
  # Readline cuts words at = (and :), and behind an @; here they are whole again.
  for ((i = 1; i <= COMP_CWORD; i++)); do
    raw=\${COMP_WORDS[i]}
    last=\${COMP_WORDS[i-1]}
    if ((n > 0)) && [[ $raw == [=:] || $last == [=:@] ]]; then words[n-1]+=$raw
    else words[n++]=$raw; fi
  done
  COMPREPLY=()
  for ((i = 0; i < n - 1; i++)); do
    word=\${words[i]}
    if [[ -n $want ]]; then
      [[ $flag == --fleet ]] && _hms_fleet=$(_hms_bare "$word")
      want=''
    elif [[ -n $literal ]]; then count+=1
    else
      case $word in
        --) literal=1 ;;
        --fleet=*) _hms_fleet=$(_hms_bare "\${word#*=}") ;;
        --*=*) ;;
        -?*) flag=$word; _hms_find "$place" o "$word" && [[ $_hms_found != - ]] && want=$_hms_found ;;
        *)
          if ((count == 0)) && _hms_find "$place" c "$word"; then place="\${place:+$place }$word"
          else count+=1; fi ;;
      esac
    fi
  done
  word=\${words[n-1]}
  if [[ -z $want && -z $literal && $word == --*=* ]] && _hms_find "$place" o "\${word%%=*}"; then
    want=$_hms_found
    # Where readline does not cut at =, what is offered replaces the option as well.
    [[ $COMP_WORDBREAKS == *=* ]] || _hms_before=\${word%%=*}=
    word=\${word#*=}
  fi
  case $word in
    [\\'\\"]*) _hms_quote=\${word:0:1}; _hms_typed=\${word:1} ;;
    *) _hms_typed=\${word//\\\\/} ;;
  esac
  if [[ -n $want ]]; then _hms_values "$want"; return; fi
  if [[ -z $literal && $word == -* ]]; then
    _hms_offer < <(while IFS=$'\\t' read -r kind name rest; do [[ $kind == o ]] && echo "$name"; done < <(_hms_place "$place"))
    return
  fi
  while IFS=$'\\t' read -r kind name values rest; do
    case $kind in
      c) ((count == 0)) && [[ -z $literal ]] && _hms_offer <<< "$name" ;;
      a) ((at == count)) && _hms_values "$name"; at+=1 ;;
      m) ((at <= count)) && _hms_values "$name"; at+=1 ;;
    esac
  done < <(_hms_place "$place")
}

# A word of the line without its quotes. Nothing in it is run.
_hms_bare() {
  local word=$1
  case $word in
    \\'*\\' | \\"*\\") word=\${word:1:\${#word}-2} ;;
    *) word=\${word//\\\\/} ;;
  esac
  printf %s "$word"
}

complete -F _hms hms hms-tui
`;
}
