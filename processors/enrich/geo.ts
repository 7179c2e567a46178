// Which country does an address belong to? The database of @ip-location-db/geo-whois-asn-country-mmdb, IPv4 and IPv6.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { type CountryResponse, Reader } from 'maxmind'

const require = createRequire(import.meta.url)

/** A look-up of ISO 3166-1 codes by the text of an address; '' where the country is not known. */
export function openCountries(): (ip: string) => string {
  const file = require.resolve('@ip-location-db/geo-whois-asn-country-mmdb/geo-whois-asn-country.mmdb')
  const reader = new Reader<CountryResponse>(readFileSync(file))
  return (ip) => countryOf(reader.get(ip))
}

/** The records are flat, `{ country_code: 'ID' }`, unlike those that the library's types know. */
function countryOf(record: object | null): string {
  return record !== null && 'country_code' in record && typeof record.country_code === 'string'
    ? record.country_code
    : ''
}
