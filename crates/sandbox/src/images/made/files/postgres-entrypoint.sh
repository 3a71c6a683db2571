#!/bin/bash
# Starts PostgreSQL in a container. As root it prepares the folders and goes on as the user postgres. An empty data
# folder becomes a database first: POSTGRES_PASSWORD (or POSTGRES_HOST_AUTH_METHOD=trust), POSTGRES_USER, POSTGRES_DB and
# POSTGRES_INITDB_ARGS say which, each also as NAME_FILE, and the files in /docker-entrypoint-initdb.d fill it.
set -Eeuo pipefail

fail() {
	printf 'Error: %s\n' "$*" >&2
	exit 1
}

# setting NAME [DEFAULT]: takes NAME from the environment, or from the file that NAME_FILE names.
setting() {
	local name=$1 default=${2-} file=${1}_FILE
	if [[ -n ${!name-} && -n ${!file-} ]]; then
		fail "both $name and $file are set, and only one may be"
	elif [[ -n ${!file-} ]]; then
		printf -v "$name" '%s' "$(<"${!file}")"
	elif [[ -z ${!name-} ]]; then
		printf -v "$name" '%s' "$default"
	fi
	export "${name?}"
	unset "$file"
}

settings() {
	setting POSTGRES_PASSWORD
	setting POSTGRES_USER postgres
	setting POSTGRES_DB "$POSTGRES_USER"
	setting POSTGRES_INITDB_ARGS
	: "${POSTGRES_HOST_AUTH_METHOD:=}"
	# Clients of the init scripts need not know it; it is for the server alone.
	export -n POSTGRES_PASSWORD
}

folders() {
	mkdir -p "$PGDATA"
	chmod 00700 "$PGDATA" || true
	mkdir -p /var/run/postgresql || true
	chmod 03775 /var/run/postgresql || true
	if [[ -n ${POSTGRES_INITDB_WALDIR-} ]]; then
		mkdir -p "$POSTGRES_INITDB_WALDIR"
	fi
	if [[ $(id -u) == 0 ]]; then
		find "$PGDATA" /var/run/postgresql ${POSTGRES_INITDB_WALDIR:+"$POSTGRES_INITDB_WALDIR"} \
			! -user postgres -exec chown postgres '{}' +
	fi
}

# The server's tools want a name for the user they run as, and a pod may run as any number.
name_the_user() {
	getent passwd "$(id -u)" >/dev/null && return
	local library
	for library in /usr/lib/*/libnss_wrapper.so; do
		NSS_WRAPPER_PASSWD=$(mktemp)
		NSS_WRAPPER_GROUP=$(mktemp)
		export LD_PRELOAD=$library NSS_WRAPPER_PASSWD NSS_WRAPPER_GROUP
		printf 'postgres:x:%s:%s:PostgreSQL:%s:/bin/false\n' "$(id -u)" "$(id -g)" "$PGDATA" >"$NSS_WRAPPER_PASSWD"
		printf 'postgres:x:%s:\n' "$(id -g)" >"$NSS_WRAPPER_GROUP"
	done
}

forget_the_name() {
	if [[ ${LD_PRELOAD-} == */libnss_wrapper.so ]]; then
		rm -f "$NSS_WRAPPER_PASSWD" "$NSS_WRAPPER_GROUP"
		unset LD_PRELOAD NSS_WRAPPER_PASSWD NSS_WRAPPER_GROUP
	fi
}

check_password() {
	if [[ -z $POSTGRES_PASSWORD && $POSTGRES_HOST_AUTH_METHOD != trust ]]; then
		fail "the database is new and the superuser has no password: set POSTGRES_PASSWORD, or" \
			"POSTGRES_HOST_AUTH_METHOD=trust to let everybody in without one"
	fi
}

create_database_files() {
	local password_file
	password_file=$(umask 077 && mktemp)
	printf '%s\n' "$POSTGRES_PASSWORD" >"$password_file"
	# Word splitting is the point: the variable holds several arguments.
	# shellcheck disable=SC2086
	initdb --pgdata="$PGDATA" --username="$POSTGRES_USER" ${POSTGRES_PASSWORD:+--pwfile="$password_file"} \
		${POSTGRES_INITDB_WALDIR:+--waldir="$POSTGRES_INITDB_WALDIR"} $POSTGRES_INITDB_ARGS
	rm -f "$password_file"
	local method=${POSTGRES_HOST_AUTH_METHOD:-$(postgres -C password_encryption -D "$PGDATA")}
	printf '\nhost all all all %s\n' "$method" >>"$PGDATA/pg_hba.conf"
}

# query DATABASE ARGUMENT...
query() {
	local database=$1
	shift
	PGHOST='' PGHOSTADDR='' psql --no-psqlrc --no-password --username "$POSTGRES_USER" --dbname "$database" \
		-v ON_ERROR_STOP=1 "$@"
}

# process FILE...: what the init scripts of the public image may be. They may call psql themselves.
process() {
	local file
	for file; do
		case $file in
		*.sh)
			if [[ -x $file ]]; then
				printf '%s: running %s\n' "$0" "$file"
				"$file"
			else
				printf '%s: sourcing %s\n' "$0" "$file"
				# shellcheck disable=SC1090
				. "$file"
			fi
			;;
		*.sql) printf '%s: running %s\n' "$0" "$file" && query "$POSTGRES_DB" -f "$file" ;;
		*.sql.gz) printf '%s: running %s\n' "$0" "$file" && gunzip -c "$file" | query "$POSTGRES_DB" ;;
		*.sql.xz) printf '%s: running %s\n' "$0" "$file" && xzcat "$file" | query "$POSTGRES_DB" ;;
		*.sql.zst) printf '%s: running %s\n' "$0" "$file" && zstd -dc "$file" | query "$POSTGRES_DB" ;;
		*) printf '%s: ignoring %s\n' "$0" "$file" ;;
		esac
	done
}

# Reachable through its socket only, so that nobody meets a database that is half filled.
fill_database() {
	local options=''
	if (($# > 0)); then options=$(printf '%q ' "$@"); fi
	local files=(/docker-entrypoint-initdb.d/*)
	[[ -e ${files[0]} ]] || files=()
	export PGPASSWORD=${PGPASSWORD:-$POSTGRES_PASSWORD}
	pg_ctl -D "$PGDATA" -o "$options -c listen_addresses='' -p 5432" -w start
	if [[ $POSTGRES_DB != postgres ]]; then
		query postgres --set db="$POSTGRES_DB" <<<'CREATE DATABASE :"db";'
	fi
	process "${files[@]}"
	pg_ctl -D "$PGDATA" -m fast -w stop
	unset PGPASSWORD
	printf '\nPostgreSQL init process complete; ready for start up.\n\n'
}

only_asks() {
	local word
	for word; do
		case $word in
		-'?' | --help | --describe-config | -V | --version) return 0 ;;
		esac
	done
	return 1
}

main() {
	if [[ ${1-} == -* ]]; then
		set -- postgres "$@"
	fi
	if [[ ${1-} == postgres ]] && ! only_asks "$@"; then
		settings
		folders
		if [[ $(id -u) == 0 ]]; then
			export POSTGRES_PASSWORD
			exec setpriv --reuid=postgres --regid=postgres --init-groups -- "${BASH_SOURCE[0]}" "$@"
		fi
		if [[ ! -s $PGDATA/PG_VERSION ]]; then
			check_password
			name_the_user
			create_database_files
			fill_database "${@:2}"
			forget_the_name
		fi
	fi
	exec "$@"
}

main "$@"
