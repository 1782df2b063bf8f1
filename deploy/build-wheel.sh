#!/bin/sh
# build-wheel.sh WHEELS: builds careerbot's wheel, its model trained, with the locked build tools, and puts it into WHEELS.
set -eu
wheels=$1
cd "$(dirname "$0")/.."
python=${PYTHON:-python3}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

"$python" -m venv "$work/tools"
"$work/tools/bin/python" -m pip install --quiet --disable-pip-version-check --no-cache-dir --require-hashes --only-binary :all: \
    --requirement deploy/build-requirements.txt
"$work/tools/bin/python" -m pip wheel --quiet --disable-pip-version-check --no-cache-dir --no-build-isolation --no-deps --no-index \
    --wheel-dir "$wheels" .
