/** What each shell sources. It asks `qpoe complete` for the words, and offers file names where there are none. */

export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

// `-o default` is what offers files; COMP_WORDS is all that macOS's bash 3.2 has.
const BASH = `_qpoe() {
  local value
  COMPREPLY=()
  while IFS=$'\\t' read -r value _; do
    COMPREPLY+=("$value")
  done < <(qpoe complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -o bashdefault -o default -F _qpoe qpoe
`;

// \`_describe\` takes value:description.
const ZSH = `#compdef qpoe
_qpoe() {
  local line
  local -a found
  for line in "\${(@f)$(qpoe complete -- "\${(@Q)words[2,CURRENT]}" 2>/dev/null)}"; do
    [[ -n $line ]] && found+=("\${\${line%%$'\\t'*}//:/\\\\:}:\${line#*$'\\t'}")
  done
  if (( \${#found} )); then _describe -V 'qpoe' found; else _files; fi
}
if [[ \${funcstack[1]} = _qpoe ]]; then _qpoe "$@"; else compdef _qpoe qpoe; fi
`;

const FISH = `function __qpoe_complete
    set -l words (commandline -opc)
    set -l word (commandline -ct)
    set -l found (qpoe complete -- $words[2..-1] "$word" 2>/dev/null)
    if test (count $found) -gt 0
        printf '%s\\n' $found
    else
        __fish_complete_path "$word"
    end
end
complete -c qpoe -e
complete -c qpoe -f -k -a '(__qpoe_complete)'
`;

export const SCRIPTS: Readonly<Record<Shell, string>> = { bash: BASH, zsh: ZSH, fish: FISH };
