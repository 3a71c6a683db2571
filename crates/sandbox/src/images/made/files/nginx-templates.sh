#!/bin/sh
# Writes /etc/nginx/conf.d/NAME for every /etc/nginx/templates/NAME.template, with the environment filled in. Only
# variables that are set are replaced, so that nginx's own ($host, $uri) stay.
set -eu

templates=${NGINX_ENVSUBST_TEMPLATE_DIR:-/etc/nginx/templates}
suffix=${NGINX_ENVSUBST_TEMPLATE_SUFFIX:-.template}
output=${NGINX_ENVSUBST_OUTPUT_DIR:-/etc/nginx/conf.d}
filter=${NGINX_ENVSUBST_FILTER:-}

[ -d "$templates" ] || exit 0
known=$(env | sed -n 's/^\([A-Za-z_][A-Za-z0-9_]*\)=.*/\1/p' | grep -E "$filter" | sed 's/.*/${&}/' | tr '\n' ' ')

find "$templates" -follow -type f -name "*$suffix" | sort | while read -r template; do
	name=${template#"$templates/"}
	target=$output/${name%"$suffix"}
	mkdir -p "$(dirname "$target")"
	envsubst "$known" <"$template" >"$target"
done
