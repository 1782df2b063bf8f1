#!/bin/sh
# install-libraries.sh PREFIX: makes PREFIX, a virtual environment without pip, and installs the locked libraries into it.
set -eu
prefix=$1
cd "$(dirname "$0")/.."
python=${PYTHON:-python3}

"$python" -m venv --without-pip "$prefix"
"$python" -m pip --python "$prefix" install --quiet --disable-pip-version-check --no-cache-dir --no-compile --require-hashes \
    --only-binary :all: --requirement deploy/requirements.txt
