#!/bin/sh
# Writes deploy/requirements.txt and deploy/build-requirements.txt anew after pyproject.toml changed; --upgrade takes newer releases.
# Both hold for every platform and every Python that pyproject.toml allows, with the hash of every file.
set -eu
cd "$(dirname "$0")/.."
python=${PYTHON:-python3}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

"$python" -m venv "$work/uv"
"$work/uv/bin/python" -m pip install --quiet --disable-pip-version-check uv==0.13.9
floor=$("$python" -c 'import tomllib; print(tomllib.load(open("pyproject.toml", "rb"))["project"]["requires-python"].removeprefix(">="))')
"$python" -c 'import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["build-system"]["requires"], sep="\n")' > "$work/build-system"

compile() {
    "$work/uv/bin/uv" --no-config pip compile --quiet --universal --generate-hashes --no-header --annotation-style=line \
        --python-version "$floor" "$@"
}
compile pyproject.toml --extra postgres --output-file deploy/requirements.txt "${1:---no-upgrade}" > /dev/null
compile - --constraint deploy/requirements.txt --output-file deploy/build-requirements.txt "${1:---no-upgrade}" \
    < "$work/build-system" > /dev/null
