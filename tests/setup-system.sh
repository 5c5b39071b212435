#!/bin/sh
# What the tests need beside Python: LibreOffice Calc recalculates workbooks, Chromium opens the report.
# Installs what is missing on Debian, else says what to install and fails.
set -eu
cd "$(dirname "$0")/.."

# The starter alone says little: it comes with any part of LibreOffice, so look for Calc beside it.
has_calc() {
    starter=$(command -v soffice || command -v libreoffice) || return 1
    [ -e "$(dirname "$(readlink -f "$starter")")/libsclo.so" ]
}

has_chromium() {
    command -v chromium >/dev/null 2>&1
}

missing=
has_calc || missing="$missing libreoffice-calc"
has_chromium || missing="$missing chromium"
[ -z "$missing" ] && exit 0

# One word per package.
# shellcheck disable=SC2086
.ci/install-debian $missing
has_calc && has_chromium || {
    echo "error: soffice with Calc, or chromium, is still not found on the PATH after installing$missing" >&2
    exit 1
}
