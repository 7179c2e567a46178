// Where does the project begin, so that knip can tell what nothing uses?
import type { KnipConfig } from 'knip'

const config: KnipConfig = {
  // What is started by path: commands, the worker, the child that is ClickHouse, scripts of tests, the browser's script.
  entry: [
    'cli/main.ts',
    'cli/worker/main.ts',
    'cli/worker/indicators-compile.ts',
    'cli/rules/backtest-worker.ts',
    'deploy/embedded/clickhouse-server.ts',
    'test/**/*.test.ts',
    'test/**/*.browser.ts',
    'test/**/*.containers.ts',
    'deploy/image/sbom.ts',
    'deploy/image/health.mjs',
    'deploy/image/services/clickhouse/start.ts',
    'deploy/image/services/kafka/unpack.mjs',
    'test/browser/{serve,screenshots}.ts',
    'test/browser/in-page.js',
    'test/bench/*.ts',
    'test/**/*-process.ts',
    'test/web/calls/*.ts',
    'web/public/*.js',
    'web/app/main.tsx',
    'web/app/vite.config.ts',
  ],
  // A type may be exported for the one function that takes or answers it.
  ignoreExportsUsedInFile: { interface: true, type: true },
  // Types of smtp-server, which knip does not find through its import.
  // axe-core is read as a file and put into the page.
  ignoreDependencies: ['@types/smtp-server', 'axe-core'],
  // Debian packages, not npm's.
  ignoreBinaries: ['kcat', 'openssl', 'perl', 'promtool', 'rsyslogd', 'sha256sum', 'systemd-analyze'],
}

export default config
