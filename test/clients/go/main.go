// What does a room's user get through clickhouse-go, set up as Grafana's ClickHouse data source does? One line for each question: name, tab, answer.
package main

import (
	"context"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
)

func main() {
	for _, protocol := range []clickhouse.Protocol{clickhouse.HTTP, clickhouse.Native} {
		address, compression := os.Getenv("ROOM_HTTP"), clickhouse.CompressionGZIP
		if protocol == clickhouse.Native {
			address, compression = os.Getenv("ROOM_NATIVE"), clickhouse.CompressionLZ4
		}
		for _, seconds := range []int{30, 60, 90} {
			timeout := time.Duration(seconds) * time.Second
			db := clickhouse.OpenDB(&clickhouse.Options{
				Addr:        []string{address},
				Protocol:    protocol,
				Auth:        clickhouse.Auth{Database: "siaga", Username: os.Getenv("ROOM_USER"), Password: os.Getenv("ROOM_PASSWORD")},
				Compression: &clickhouse.Compression{Method: compression},
				DialTimeout: 10 * time.Second,
				ReadTimeout: timeout,
			})
			ask := func(name string, sql string) {
				ctx, cancel := context.WithTimeout(context.Background(), timeout)
				defer cancel()
				zone, err := time.LoadLocation("Asia/Jakarta")
				if err != nil {
					panic(err)
				}
				ctx = clickhouse.Context(ctx, clickhouse.WithUserLocation(zone), clickhouse.WithClientInfo(clickhouse.ClientInfo{Comment: []string{"grafana_user:dewi"}}))
				rows, err := db.QueryContext(ctx, sql)
				count, last := 0, ""
				if err == nil {
					for rows.Next() {
						count++
						if err = rows.Scan(&last); err != nil {
							break
						}
					}
					if err == nil {
						err = rows.Err()
					}
				}
				answer := fmt.Sprintf("%d %s", count, last)
				if err != nil {
					answer = "refused " + strings.Join(strings.Fields(err.Error()), " ")
				}
				fmt.Printf("%s %d %s\t%s\n", protocol, seconds, name, answer)
			}
			if err := db.PingContext(context.Background()); err != nil {
				panic(err)
			}
			ask("version", "SELECT version()")
			if seconds == 30 {
				ask("rows", "SELECT event_id FROM events WHERE _stream = 'seed' LIMIT 100000")
				ask("regions", "SELECT arrayStringConcat(arraySort(groupUniqArray(toString(region_code))), ' ') FROM events")
				ask("insert", "INSERT INTO verdicts (verdict_id) SELECT 'x'")
				ask("tables", "SELECT name FROM system.tables WHERE name = 'alerts'")
			}
			db.Close()
		}
	}
}
