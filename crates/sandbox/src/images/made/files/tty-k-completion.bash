# Completion for the alias k, once kubectl's own is loaded.
. /usr/share/bash-completion/completions/kubectl
complete -o default -o nospace -F __start_kubectl k
