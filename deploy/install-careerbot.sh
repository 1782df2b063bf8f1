#!/bin/sh
# install-careerbot.sh PREFIX WHEELS: installs the wheel in WHEELS beside the libraries in PREFIX, and removes what is never run.
set -eu
prefix=$1
wheels=$2
python=${PYTHON:-python3}

"$python" -m pip --python "$prefix" install --quiet --disable-pip-version-check --no-cache-dir --no-compile --no-deps --no-index \
    "$wheels"/careerbot-*.whl
"$python" -m pip --python "$prefix" check --disable-pip-version-check

# Tests of libraries, types for checkers, sources of compiled modules, and commands other than the bot's.
find "$prefix/lib" -type d -name tests -prune -exec rm -rf {} +
find "$prefix/lib" -type f \( -name '*.pyi' -o -name '*.pyx' -o -name '*.pxd' -o -name '*.pxi' -o -name '*.c' -o -name '*.h' -o -name '*.a' \) \
    -delete
find "$prefix/bin" ! -type d ! -name careerbot ! -name 'python*' -delete
rm -rf "$prefix/include" "$prefix/share"

# Bytecode of what the bot imports and of nothing else: a start need not compile, and cannot keep what it compiles where all is read-only.
find "$prefix/lib" -type d -name __pycache__ -prune -exec rm -rf {} +
env -u PYTHONDONTWRITEBYTECODE "$prefix/bin/python" -c '
import importlib, pkgutil
import bot, psycopg, sqlalchemy.dialects.postgresql.psycopg
for module in pkgutil.walk_packages(bot.__path__, "bot."):
    if not module.name.startswith("bot.store.migrations."):
        importlib.import_module(module.name)
'
