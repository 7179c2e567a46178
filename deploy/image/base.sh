#!/usr/bin/env bash
# Where does a base image come from where none can be pulled? From Debian's own packages (debootstrap), by root: deploy/image/base.sh [TAG]
set -euo pipefail

tag=${1:-siaga-base:bookworm}
suite=${SUITE:-bookworm}
command -v debootstrap >/dev/null || { echo 'base.sh: debootstrap is not installed (apt-get install debootstrap)' >&2; exit 1; }
[ "$(id -u)" = 0 ] || { echo 'base.sh: debootstrap works as root only' >&2; exit 1; }

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
# libatomic1 is the one library that Node needs and a minimal Debian lacks; certificates let apt and curl speak TLS.
debootstrap --variant=minbase --include=libatomic1,ca-certificates "$suite" "$work/root" ${MIRROR:+"$MIRROR"} >"$work/log" 2>&1 \
  || { tail -20 "$work/log" >&2; exit 1; }

# As in Debian's own slim images: no manuals, no translations, no lists of packages; copyrights stay.
cd "$work/root"
find usr/share/doc -mindepth 2 ! -name copyright ! -type d -delete
rm -rf usr/share/man/* usr/share/locale/* usr/share/info/* usr/share/lintian usr/share/linda
rm -rf var/lib/apt/lists/* var/cache/apt/* var/cache/debconf/*-old var/log/* var/lib/dpkg/*-old
printf 'path-exclude /usr/share/%s/*\n' man locale info >etc/dpkg/dpkg.cfg.d/slim
printf 'APT::Install-Recommends "false";\nDir::Cache::pkgcache "";\nDir::Cache::srcpkgcache "";\n' >etc/apt/apt.conf.d/slim
: >etc/hostname
tar --numeric-owner -c . | docker import --change 'CMD ["bash"]' --message "debootstrap $suite" - "$tag"
docker image inspect --format '{{index .RepoTags 0}}: {{.Size}} bytes' "$tag"
