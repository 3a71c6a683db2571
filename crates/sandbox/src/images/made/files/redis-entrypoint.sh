#!/bin/sh
# Starts Redis in a container. As root it gives the data folder to the user redis and goes on as that user; options
# alone, or a configuration file alone, are meant for redis-server.
set -eu

case "${1-}" in
-* | *.conf) set -- redis-server "$@" ;;
esac

if [ "${1-}" = redis-server ] && [ "$(id -u)" = 0 ]; then
	find . ! -user redis -exec chown redis:redis '{}' +
	exec setpriv --reuid=redis --regid=redis --init-groups -- "$0" "$@"
fi

# What Redis writes is for nobody else.
umask 0077

# Redis refuses clients from other hosts unless it is told of a password. Between pods that would be all of them, so
# protected mode is off here, as in the public image, unless the task says something about it itself.
if [ "${1-}" = redis-server ]; then
	decided=no
	for word in "$@"; do
		if [ "$word" = --protected-mode ]; then decided=yes; fi
		if [ -f "$word" ] && grep -q '^[[:space:]]*protected-mode' "$word"; then decided=yes; fi
	done
	if [ "$decided" = no ]; then set -- "$@" --protected-mode no; fi
fi

exec "$@"
