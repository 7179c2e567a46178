-- On a cluster, the shard on which the rows of a Kafka partition lie, for good (docs/adr/0044): recorded before its first insert, so that whoever takes the
-- partition over looks there for what has landed. One server has no rows here.
CREATE TABLE IF NOT EXISTS {{database}}.partition_shards {{on_cluster}}
(
    topic LowCardinality(String) COMMENT 'Kafka topic',
    partition UInt16 COMMENT 'Kafka partition',
    shard UInt16 COMMENT 'Number of the shard, as clickhouse.cluster.shards of siaga.yaml counts them from 1',
    recorded_at DateTime64(3, 'UTC') COMMENT 'When a worker first met the partition'
)
ENGINE = {{MergeTree}}
ORDER BY (topic, partition, recorded_at)
COMMENT 'Shard of each Kafka partition; empty on one server';
