-- Incarnations of Kafka partitions: offsets count within one of them. A topic deleted and made anew gets new ones.
CREATE TABLE IF NOT EXISTS {{database}}.streams {{on_cluster}}
(
    stream String COMMENT 'Id, the _stream of events',
    topic LowCardinality(String) COMMENT 'Kafka topic',
    partition UInt16 COMMENT 'Kafka partition',
    cluster_id String COMMENT 'Id of the Kafka cluster',
    created_at DateTime64(3, 'UTC') COMMENT 'When a worker first met it'
)
ENGINE = {{MergeTree}}
ORDER BY (topic, partition, created_at)
COMMENT 'Incarnations of Kafka partitions';
