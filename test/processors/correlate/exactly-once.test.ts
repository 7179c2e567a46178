// Does each (rule, group, window) fire once, whatever order events come in, however often, and whoever is killed? On real Kafka and ClickHouse.
import { firesOnce } from './exactly-once.ts'

firesOnce([1])
