#!/bin/sh
# Starts nginx in a container, after the scripts in /docker-entrypoint.d, in the order of their names.
set -eu

case "${1-}" in
nginx | nginx-debug)
	for script in /docker-entrypoint.d/*; do
		case "$script" in
		*.envsh) if [ -x "$script" ]; then . "$script"; fi ;;
		*.sh) if [ -x "$script" ]; then "$script"; fi ;;
		esac
	done
	;;
esac

exec "$@"
