#!/usr/bin/env bash
# How large is the image, and what is it made of? deploy/image/sizes.sh [IMAGE], in MB of 1000 kB.
set -euo pipefail

image=${1:-siaga:local}
docker image inspect --format '{{.Size}}' "$image" | awk -v image="$image" '{ printf "%s: %d MB\n", image, $1 / 1e6 }'
docker run --rm --network none --entrypoint sh "$image" -c '
  size() { du -sxb "$@" 2>/dev/null | awk "{ sum += \$1 } END { printf \"%.0f\", sum / 1e6 }"; }
  cd /app
  modules=$(size node_modules) node=$(size node_modules/node) addresses=$(size node_modules/@ip-location-db)
  echo "  Debian            $(( $(size /) - $(size /app) )) MB"
  echo "  Node              $node MB"
  echo "  address databases $addresses MB"
  echo "  other packages    $(( modules - node - addresses )) MB"
  echo "  Siaga             $(( $(size /app) - modules )) MB"'
