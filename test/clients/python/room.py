# What does a room's user get through clickhouse-connect? One line for each question: name, tab, answer.
import os

import clickhouse_connect
import sqlalchemy
from clickhouse_connect.driver.exceptions import DatabaseError

client = clickhouse_connect.get_client(
    host=os.environ["ROOM_HOST"],
    port=int(os.environ["ROOM_PORT"]),
    username=os.environ["ROOM_USER"],
    password=os.environ["ROOM_PASSWORD"],
    database="siaga",
    # Times with their zone: without it those of columns in UTC come without one.
    tz_mode="aware",
    settings={"max_execution_time": 20, "log_comment": "Dewi"},
)


def answer(name, ask):
    try:
        text = str(ask())
    except DatabaseError as error:
        text = "refused " + " ".join(str(error).split())
    print(name, text, sep="\t")


def first(sql, **options):
    return client.query(sql, **options).first_row[0]


def rows():
    sql = "SELECT event_id, timestamp, score, region_code, owner, tags, fields FROM events WHERE _stream = 'seed' LIMIT 100000"
    frame = client.query_df(sql)
    places = sorted(set(frame["region_code"].astype(str) + "|" + frame["owner"].astype(str)))
    return f"{len(frame)} {places} {frame['timestamp'].dt.tz is not None} {int((frame['event_id'] == '').sum())}"


def streamed():
    with client.query_row_block_stream("SELECT event_id, message FROM events WHERE _stream = 'seed' LIMIT 100000") as blocks:
        return sum(len(block) for block in blocks)


answer("version", lambda: clickhouse_connect.__version__)
answer(
    "parameters",
    lambda: first(
        "SELECT count() FROM events WHERE region_code = {region:String} AND _stream = {stream:String} AND has({owners:Array(String)}, owner)",
        parameters={"region": "32", "stream": "seed", "owners": ["pemda", "kpu", "o'brien"]},
    ),
)
answer("rows", rows)
answer("streamed", streamed)
answer("mistake", lambda: first("SELECT no_such_column FROM events"))
answer("insert", lambda: client.insert("verdicts", [["x"]], column_names=["verdict_id"]))
answer("create", lambda: client.command("CREATE TABLE t (a UInt8) ENGINE = Memory"))
answer("delete", lambda: client.command("ALTER TABLE events DELETE WHERE 1"))
answer("internal", lambda: first("SELECT count() FROM streams"))
answer(
    "elsewhere",
    lambda: first("SELECT count() FROM events WHERE region_code IN ('31', '31.74', '00', '') OR owner = 'bawaslu'"),
)
answer("zone", lambda: first("SELECT toString(toDateTime(0))", settings={"session_timezone": "Asia/Jayapura"}))
answer("beyond", lambda: first("SELECT 1", settings={"max_execution_time": 3600}))
answer("tables", lambda: [row[0] for row in client.query("SHOW TABLES").result_rows])
client.close()


def tree():
    """What Superset asks for its tree of tables, through SQLAlchemy."""
    url = sqlalchemy.URL.create(
        "clickhousedb",
        os.environ["ROOM_USER"],
        os.environ["ROOM_PASSWORD"],
        os.environ["ROOM_HOST"],
        int(os.environ["ROOM_PORT"]),
        "siaga",
    )
    engine = sqlalchemy.create_engine(url)
    inspector = sqlalchemy.inspect(engine)
    columns = [column["name"] for column in inspector.get_columns("alerts", "siaga")]
    with engine.connect() as connection:
        seen = connection.execute(sqlalchemy.text("SELECT uniqExact(region_code) FROM events")).scalar()
    return inspector.get_schema_names(), "alerts" in inspector.get_view_names("siaga"), columns[:2], seen


answer("tree", tree)
