#!/bin/sh
# Owns the virtual environment: makes .venv, installs one locked requirements file, links the project into it.
# Knows nothing of mail servers (tools/test-servers.sh does).
# usage: tools/setup.sh REQUIREMENTS       (run from the project's folder; PYTHON names the interpreter)
set -eu
requirements=${1:?usage: tools/setup.sh REQUIREMENTS}
python=${PYTHON:-python3}
venv=.venv
export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1 PIP_ROOT_USER_ACTION=ignore

fail() { echo "make: $*" >&2; exit 1; }

command -v "$python" >/dev/null 2>&1 || fail "there is no $python here. Install Python 3.11 or newer (Debian, Ubuntu: apt install python3), or name one: make PYTHON=/path/to/python3"
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
  fail "$python is $("$python" -V 2>&1), shinbox needs 3.11 or newer. Name another one: make PYTHON=python3.12"

# Debian and Ubuntu keep ensurepip in a package of its own, named after the interpreter's version.
if ! "$python" -c 'import ensurepip, venv' >/dev/null 2>&1; then
  package=$("$python" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "make: installing $package"
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends "$package" >/dev/null
  else
    fail "$python cannot make virtual environments. Install them first: sudo apt install $package (or your system's package of Python's venv and ensurepip)"
  fi
fi

# A half-made environment, or one whose interpreter went away with a system upgrade, is made anew.
if ! "$venv/bin/python" -c 'import pip' >/dev/null 2>&1; then
  echo "make: making the virtual environment $venv"
  "$python" -m venv --clear "$venv"
fi

echo "make: installing $requirements"
# pip tries a connection again by itself, a download that broke off it does not; what has come is kept.
for pause in 5 20 stop; do
  "$venv/bin/python" -m pip install -qq --require-hashes -r "$requirements" && break
  [ "$pause" != stop ] || fail "the packages of $requirements could not be installed"
  echo "make: trying again in $pause s" >&2
  sleep "$pause"
done
"$venv/bin/python" tools/link_project.py
"$venv/bin/python" -m compileall -q src
