# shellcheck shell=bash
# Sourced by ./run and ./test: installs the Debian packages listed in files, if any is missing.

# install_packages FILE...
install_packages() {
  local package missing=()
  while read -r package; do
    dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed || missing+=("$package")
  done < <(sed -e 's/#.*//' -e '/^ *$/d' "$@")
  [ ${#missing[@]} -eq 0 ] && return
  echo "Installing ${missing[*]}"
  local as_root=()
  [ "$(id -u)" -eq 0 ] || as_root=(sudo)
  "${as_root[@]}" apt-get update
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "${missing[@]}"
}

# Compiles again only what changed, also in a fresh clone, where ccache is at hand.
if command -v ccache >/dev/null; then
  export CMAKE_CXX_COMPILER_LAUNCHER=ccache
fi
