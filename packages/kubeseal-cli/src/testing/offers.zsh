# zsh -f offers.zsh SCRIPT LINE FILE: writes what an interactive zsh offers at the end of LINE, one a line, then END.
# Completion runs in a line editor only: a second zsh on a pseudo-terminal has one, and its compadd tells what it was given.
zmodload zsh/zpty
zpty shell zsh -f -i
zpty -w shell "PS1=; unsetopt beep; autoload -Uz compinit; compinit -u -D; source ${(q)1}"
zpty -w shell 'compadd() {
  if (( ! ${@[(I)-[OAD]]} )); then local -a offers; builtin compadd -O offers "$@"; print -rl -- $offers >>'${(q)3}'; fi
  builtin compadd "$@"
}
ended() { print END >>'${(q)3}' }
ask() { comppostfuncs=(ended); zle complete-word }; zle -N ask; bindkey "^I" ask'
zpty -w shell "$2"$'\t'
until [[ -r $3 && $(tail -n 1 $3) == END ]]; do sleep 0.05; done
zpty -d shell
