// Where does threat intelligence come from? Settings of feeds in siaga.yaml.
import { z } from 'zod'
import { IndicatorType, Tlp } from './indicator.ts'
import { Id } from './room.ts'
import { Cron } from './watch.ts'

/** What a feed is written in. `csv` and `list` say in `columns` and `type` what they hold. */
export const FeedFormat = z.enum(['misp', 'stix', 'taxii', 'csv', 'list', 'openphish', 'urlhaus'])
export type FeedFormat = z.infer<typeof FeedFormat>

export const Feed = z.strictObject({
  id: Id.describe('Name of the feed, as in indicators and findings'),
  name: z.string().default('').describe('Name that people read'),
  format: FeedFormat.describe(
    'misp: a MISP feed (manifest.json); stix: a bundle; taxii: a collection (TAXII 2.1); the rest: text',
  ),
  url: z
    .string()
    .min(1)
    .describe('http(s) address, or a file relative to the folder of siaga.yaml; of taxii: the collection'),
  when: Cron.default('17 * * * *').describe('When it is fetched, UTC'),
  type: IndicatorType.optional().describe('Of list and csv: what its values are; without it each value is recognised'),
  columns: z
    .partialRecord(
      z.enum([
        'value',
        'type',
        'confidence',
        'first_seen',
        'last_seen',
        'expires',
        'threat',
        'reference',
        'labels',
        'tlp',
      ]),
      z.union([z.string().min(1), z.int().min(1)]),
    )
    .optional()
    .describe('Of csv: which column (name in the header, or number from 1) holds what'),
  delimiter: z.string().length(1).default(',').describe('Of csv: what divides columns'),
  confidence: z.int().min(0).max(100).default(70).describe('Confidence of indicators for which the feed tells none'),
  max_confidence: z.int().min(0).max(100).default(100).describe('Most confidence that this feed is given'),
  tlp: Tlp.default('green').describe('TLP of indicators for which the feed tells none'),
  expire_days: z
    .int()
    .min(1)
    .max(3650)
    .default(30)
    .describe('Days from last seen after which an indicator counts no more, where the feed tells no end'),
  headers: z
    .record(z.string(), z.string())
    .default({})
    .describe('Headers of the request; $NAME stands for a variable of the environment, so that no key is in this file'),
  max_bytes: z
    .int()
    .min(1024)
    .default(256 * 1024 * 1024)
    .describe('Largest answer, after decompression'),
  max_indicators: z.int().min(1).default(2_000_000).describe('Most indicators that are taken from it'),
  allow_private: z
    .array(z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()]))
    .default([])
    .describe('Private addresses at which this feed may be fetched'),
  hold: z.boolean().default(true).describe('An update that would match too much waits for a person'),
})
export type Feed = z.infer<typeof Feed>

export const Intelligence = z.strictObject({
  feeds: z.array(Feed).default([]).describe('Feeds of indicators'),
  warning_lists: z
    .array(z.string().min(1))
    .default([])
    .describe(
      'Files of addresses, networks and domains that are never indicators, one a line; beside the shipped ones',
    ),
  hold_share: z
    .number()
    .min(0)
    .max(1)
    .default(0.001)
    .describe("An update whose new indicators match more than this share of the last hour's events waits for a person"),
  history_days: z
    .int()
    .min(0)
    .max(366)
    .default(30)
    .describe('Days of history in which a new indicator is looked for; 0: none'),
  history_when: Cron.default('*/10 * * * *').describe('When new indicators are looked for in history'),
})
export type Intelligence = z.infer<typeof Intelligence>
