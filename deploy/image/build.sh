#!/usr/bin/env bash
# How is Siaga's image made? deploy/image/build.sh [BASE]: page, packages for production, list of what is in it (SBOM), then docker build.
# Run on Linux of the image's architecture, in a folder where `npm ci` has been run; works without BuildKit.
set -euo pipefail
cd "$(dirname "$0")/../.."

base=${1:-debian:bookworm-slim}
export PATH="$PWD/node_modules/.bin:$PATH"
[ -d node_modules/vite ] || { echo 'build.sh: run `npm ci` first' >&2; exit 1; }
version=$(node -p 'require("./package.json").version')
# The commit, and whether anything was changed since.
revision=$(git describe --always --dirty --abbrev=40 --exclude='*' 2>/dev/null || true)

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
app=$work/app
mkdir "$app"

# The page is built in a copy, so that nobody's web/dist changes under a server that runs.
mkdir "$work/page"
cp -r package.json tsconfig.json web schemas runtime "$work/page"
ln -s "$PWD/node_modules" "$work/page/node_modules"
rm -rf "$work/page/web/dist"
(cd "$work/page" && node --disable-warning=ExperimentalWarning web/build.ts)

cp -r package.json package-lock.json LICENSE NOTICE siaga.example.yaml cli deploy hunts ingest processors rules runtime schemas sinks web "$app"
rm -rf "$app/web/app" "$app/web/dist" "$app/deploy/embedded/kafka/lib"
cp -r "$work/page/web/dist" "$app/web/dist"
(cd "$app" && npm ci --omit=dev --omit=optional --no-audit --no-fund --loglevel=error)

# In the image package.json names what is installed there: `npm sbom` and scanners would miss the rest.
(cd "$app" && npm pkg delete devDependencies optionalDependencies scripts allowScripts && rm package-lock.json)

# What npm installed, and what Debian did: the base's packages are asked of the base itself.
(cd "$app" && npm sbom --sbom-format=cyclonedx --sbom-type=application) >"$work/npm.json"
docker run --rm --entrypoint dpkg-query "$base" -W -f '${Package}\t${Version}\t${Architecture}\n' >"$work/debian.tsv"
node deploy/image/sbom.ts "$work/npm.json" "$work/debian.tsv" >"$app/sbom.cdx.json"

cp deploy/image/Dockerfile deploy/image/.dockerignore "$work"
chmod -R go+rX "$work"
docker build -q --build-arg BASE="$base" --build-arg VERSION="$version" --build-arg REVISION="$revision" \
  -t "siaga:$version" -t siaga:local "$work" >/dev/null
deploy/image/sizes.sh siaga:local
