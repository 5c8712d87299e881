# Sourced by demo, docs and test: makes .venv in the checkout and installs the project there.
#
# set_up [EXTRA]  leaves $venv holding the project (editable) and its extra, if named.  It installs
#                 only what pyproject.toml has changed since the last time, so it is quick when run
#                 again; two at once wait for each other.  A fault ends the script with one line.

root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)
venv=$root/.venv
oldest=3.11

fail() {
    echo "error: $*" >&2
    exit 2
}

# Succeed where $1 is a Python that is new enough.
is_new_enough() {
    "$1" -c "import sys; sys.exit(sys.version_info < tuple(map(int, '$oldest'.split('.'))))" \
        2>/dev/null
}

# Print the first Python that can make the virtual environment.
find_python() {
    local candidate reason="no Python found; install Python $oldest or later, or set PYTHON to one"
    for candidate in ${PYTHON:+"$PYTHON"} python3 python3.13 python3.12 python3.11 python; do
        command -v "$candidate" >/dev/null || continue
        if ! is_new_enough "$candidate"; then
            reason="$candidate is older than $oldest; install Python $oldest or later, or set PYTHON to one"
        elif ! "$candidate" -c 'import venv, ensurepip' 2>/dev/null; then
            reason="$candidate lacks the venv module; install it (Debian: apt install python3-venv)"
        else
            command -v "$candidate"
            return
        fi
        if [[ $candidate == "${PYTHON:-}" ]]; then
            break
        fi
    done
    fail "$reason"
}

make_venv() {
    local python=$venv/bin/python
    if "$python" -c '' 2>/dev/null; then
        is_new_enough "$python" ||
            fail "$venv holds a Python older than $oldest; remove it and run this again"
        "$python" -m pip --version >/dev/null 2>&1 ||
            "$python" -m ensurepip >/dev/null 2>&1 ||
            fail "$venv has no pip; remove it and run this again"
        return
    fi
    python=$(find_python)
    echo "making a virtual environment in $venv" >&2
    "$python" -m venv --clear "$venv" || fail "no virtual environment could be made in $venv"
}

# Print a digest of all that an installation depends on.
installation_digest() {
    { echo "$root" && cat -- "$root/pyproject.toml"; } | cksum
}

set_up() {
    local extra=${1:-} stamp
    [[ ! $(command -v flock) ]] || { exec 9<"$root/pyproject.toml" && flock 9; }
    make_venv
    stamp=$venv/installed${extra:+-$extra}
    if [[ $(cat "$stamp" 2>/dev/null) != "$(installation_digest)" ]]; then
        echo "installing sortopt${extra:+ and its $extra tools} (only now and when pyproject.toml changes)" >&2
        PIP_USER=0 "$venv/bin/python" -m pip install --quiet --quiet --disable-pip-version-check --no-input \
            --editable "$root${extra:+[$extra]}" >&2 ||
            fail "pip could not install sortopt; its message stands above"
        installation_digest >"$stamp"
        [[ -z $extra ]] || installation_digest >"$venv/installed"
    fi
    [[ ! $(command -v flock) ]] || exec 9<&-
}
