#!/bin/sh
# Owns the Debian packages of the system tests: real mail servers, an SSH server, tmux. Installs what is missing when it may,
# says what is missing when it may not; starts nothing and configures nothing (tests/servers does, on loopback).
set -eu
missing=
need() { [ -e "$1" ] || missing="$missing $2"; }
need /usr/sbin/dovecot dovecot-imapd
need /usr/lib/dovecot/lmtp dovecot-lmtpd
need /usr/sbin/postfix postfix
need /usr/bin/openssl openssl
need /usr/sbin/sshd openssh-server
need /usr/bin/ssh openssh-client
need /usr/bin/tmux tmux
need /usr/bin/hunspell hunspell
need /usr/share/hunspell/en_US.dic hunspell-en-us
need /usr/bin/setpriv util-linux
need /usr/sbin/useradd passwd
[ -n "$missing" ] || exit 0

if [ "$(id -u)" != 0 ]; then
  echo "make: you are not root, so the system tests are skipped; they need root and:$missing"
  exit 0
fi
command -v apt-get >/dev/null 2>&1 || {
  echo "make: the system tests need these, and there is no apt-get to install them:$missing" >&2
  exit 1
}

# Debian starts a service as soon as it is installed, unless this file says no.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  trap 'rm -f "$policy"' EXIT
  trap 'exit 1' HUP INT TERM
  printf '#!/bin/sh\nexit 101\n' > "$policy"
  chmod 755 "$policy"
fi
echo "make: installing$missing"
export DEBIAN_FRONTEND=noninteractive
log=$(mktemp)
# A mirror may hiccup, and another apt may hold its locks: on a fresh machine the one that runs by itself does.
install() {
  apt-get update -qq && apt-get install -qq -y --no-install-recommends -o DPkg::Lock::Timeout=300 $missing
}
for pause in 5 15 30 60 stop; do
  install </dev/null >"$log" 2>&1 && break
  [ "$pause" != stop ] || { cat "$log" >&2; exit 1; }
  echo "make: apt-get failed ($(tail -n 1 "$log")); trying again in $pause s"
  sleep "$pause"
done
rm -f "$log"
