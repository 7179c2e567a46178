-- Four queries of rooms at a time, so that landing keeps its share (docs/access.md). The official image runs it when its data folder is new.
CREATE RESOURCE IF NOT EXISTS siaga_queries (QUERY);
CREATE WORKLOAD IF NOT EXISTS siaga_all;
CREATE OR REPLACE WORKLOAD siaga_analysts IN siaga_all SETTINGS max_concurrent_queries = 4, max_waiting_queries = 200;
