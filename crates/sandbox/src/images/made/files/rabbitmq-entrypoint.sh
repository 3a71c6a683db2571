#!/bin/bash
# Starts RabbitMQ in a container. As root it gives the data folder to the user rabbitmq and goes on as that user; a pod
# may as well run as that user from the start. The server itself reads RABBITMQ_DEFAULT_USER, RABBITMQ_DEFAULT_PASS
# and RABBITMQ_DEFAULT_VHOST, each here also as NAME_FILE.
set -euo pipefail

if [[ ${1-} == rabbitmq* && $(id -u) == 0 ]]; then
	find /var/lib/rabbitmq ! -user rabbitmq -exec chown rabbitmq:rabbitmq '{}' +
	exec setpriv --reuid=rabbitmq --regid=rabbitmq --init-groups -- "$0" "$@"
fi

for name in RABBITMQ_DEFAULT_USER RABBITMQ_DEFAULT_PASS RABBITMQ_DEFAULT_VHOST; do
	file=${name}_FILE
	if [[ -n ${!file-} ]]; then
		printf -v "$name" '%s' "$(<"${!file}")"
		export "${name?}"
		unset "$file"
	fi
done

# A pod of a StatefulSet has a name in DNS, which is a long one.
if [[ -z ${RABBITMQ_USE_LONGNAME-} && $(hostname) == *.* ]]; then
	export RABBITMQ_USE_LONGNAME=true
fi

# Erlang sets memory aside for as many files as may be open, and a container may be told of a billion.
if [[ $(ulimit -n) == unlimited || $(ulimit -n) -gt 65536 ]]; then
	ulimit -n 65536
fi

exec "$@"
