# Read by every interactive bash, also where the home folder is a volume without files of its own.
[ -z "${PS1-}" ] && return

shopt -s checkwinsize histappend
PS1='\u@\h:\w\$ '
alias k=kubectl

if ! shopt -oq posix && [ -f /usr/share/bash-completion/bash_completion ]; then
	. /usr/share/bash-completion/bash_completion
fi
