#!/usr/bin/env bash
# Finds Chromium for the browser tests; installs Debian's package where there is none and this user may.
set -euo pipefail
for name in "${CHROMIUM:-}" chromium chromium-browser google-chrome; do
  if [ -n "$name" ] && command -v "$name" >/dev/null 2>&1; then exit 0; fi
done
install="apt-get install -y --no-install-recommends chromium fonts-liberation"
if [ "$(id -u)" = 0 ]; then
  apt-get update -qq && DEBIAN_FRONTEND=noninteractive $install >/dev/null
elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
  sudo -n apt-get update -qq && sudo -n env DEBIAN_FRONTEND=noninteractive $install >/dev/null
else
  echo "The browser tests need Chromium. Install it (as root: $install) or name it in CHROMIUM." >&2
  exit 1
fi
